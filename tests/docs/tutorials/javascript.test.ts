import { testTutorial } from "./tutorial.ts";

testTutorial("javascript", "JavaScript");
