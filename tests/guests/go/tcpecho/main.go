// A TCP echo server on a listener that the host opened: file descriptor 3. Plain Go: a goroutine for each connection.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"
)

func main() {
	file := os.NewFile(3, "tcplisten")
	listener, err := net.FileListener(file)
	if err != nil {
		log.Fatal(err)
	}
	file.Close()
	fmt.Println("listening on FD 3")
	if len(os.Args) > 1 && os.Args[1] == "tick" {
		go tick()
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go echo(conn)
	}
}

func echo(conn net.Conn) {
	defer conn.Close()
	io.Copy(conn, conn)
}

func tick() {
	for n := 1; ; n++ {
		time.Sleep(time.Second)
		fmt.Println("tick", n)
	}
}
