import { testTutorial } from "./tutorial.ts";

testTutorial("python", "Python");
