import { testTutorial } from "./tutorial.ts";

testTutorial("c", "C");
