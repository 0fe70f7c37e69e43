// time.Sleep in goroutines: the clock alone. Each wakes while others sleep for hours, and none early.
package main

import (
	"fmt"
	"os"
	"time"
)

func sleep(d time.Duration, woke chan time.Duration) {
	start := time.Now()
	time.Sleep(d)
	woke <- time.Since(start)
}

func main() {
	late, woke := make(chan time.Duration), make(chan time.Duration)
	for hours := range 3 {
		go sleep(time.Duration(hours+1)*time.Hour, late)
	}
	for _, d := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond} {
		go sleep(d, woke)
		select {
		case slept := <-woke:
			if slept < d {
				fmt.Println("woke after", slept, "instead of", d)
				os.Exit(1)
			}
			fmt.Println("woke after", d)
		case slept := <-late:
			fmt.Println("woke after", slept)
			os.Exit(1)
		}
	}
}
