// Two listeners that the host opened, descriptors 3 and 4, and a directory after them.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	for fd := 3; fd <= 4; fd++ {
		listener, err := net.FileListener(os.NewFile(uintptr(fd), "tcplisten"))
		if err != nil {
			log.Fatal(err)
		}
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(conn, "descriptor %d\n", fd)
		conn.Close()
	}
	if _, err := os.Stat("/here/go.test.ts"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("go.test.ts is there")
}
