// A goroutine that reads file descriptor 0 while a ticker ticks: a descriptor and a clock in one poll_oneoff.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

func main() {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(os.Stdin)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	ticker := time.NewTicker(50 * time.Millisecond)
	for n := 1; ; {
		select {
		case <-ticker.C:
			fmt.Println("tick", n)
			n++
		case line, more := <-lines:
			if !more {
				fmt.Println("end")
				return
			}
			fmt.Println("line", line)
		}
	}
}
