// time.Sleep in three goroutines: the clock alone. Prints who woke, in order, and asserts that nobody woke early or much late.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	start := time.Now()
	woke := make(chan time.Duration)
	for _, d := range []time.Duration{300 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
		go func() {
			time.Sleep(d)
			woke <- d
		}()
	}
	for range 3 {
		d := <-woke
		late := time.Since(start) - d
		if late < 0 || late > 2*time.Second {
			fmt.Println("woke", late, "late of", d)
			os.Exit(1)
		}
		fmt.Println("woke after", d)
	}
}
