import { testTutorial } from "./tutorial.ts";

testTutorial("go", "Go");
