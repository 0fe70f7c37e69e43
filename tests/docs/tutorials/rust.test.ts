import { testTutorial } from "./tutorial.ts";

testTutorial("rust", "Rust");
