// Deadlines and closing, on a listener that the host opened: asserts inside, says what it saw.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

func check(ok bool, what ...any) {
	if !ok {
		fmt.Println(append([]any{"failed:"}, what...)...)
		os.Exit(1)
	}
}

func main() {
	listener, err := net.FileListener(os.NewFile(3, "tcplisten"))
	check(err == nil, err)
	fmt.Println("listening on FD 3")

	conn, err := listener.Accept()
	check(err == nil, err)
	buffer := make([]byte, 16)

	// Nothing comes: the deadline ends the read.
	start := time.Now()
	conn.SetReadDeadline(start.Add(200 * time.Millisecond))
	_, err = conn.Read(buffer)
	check(errors.Is(err, os.ErrDeadlineExceeded), "read", err)
	check(time.Since(start) >= 200*time.Millisecond, "early", time.Since(start))
	fmt.Println("deadline exceeded")

	// Moved away, the same read gets what comes.
	conn.SetReadDeadline(time.Time{})
	_, err = conn.Write([]byte("go on"))
	check(err == nil, err)
	n, err := conn.Read(buffer)
	check(err == nil && string(buffer[:n]) == "more", "read", string(buffer[:n]), err)

	// A half-close from the other side is an end, and this side can still write.
	_, err = conn.Read(buffer)
	check(err == io.EOF, "read", err)
	_, err = conn.Write([]byte("bye"))
	check(err == nil, err)
	check(conn.Close() == nil, "close")
	_, err = conn.Read(buffer)
	check(errors.Is(err, net.ErrClosed), "read of a closed connection", err)

	// Closing a listener ends an Accept that waits.
	accepted := make(chan error)
	go func() {
		_, err := listener.Accept()
		accepted <- err
	}()
	time.Sleep(100 * time.Millisecond)
	check(listener.Close() == nil, "close")
	err = <-accepted
	// Go's listener of a file calls itself a file.
	check(err != nil && strings.Contains(err.Error(), "use of closed file"), "accept", err)
	fmt.Println("closed while accepting")

	// What wasip1 cannot do fails in Go, not in the host.
	_, err = net.Dial("tcp", "127.0.0.1:1")
	check(err != nil, "dial")
}
