import { ADDRESS, CLIENT, type Template } from "./template.ts";

/** A core module of wasip1, on a socket that the host listens on: the plain Go toolchain builds it. */
export function go(name: string): Template {
  const file = `${name}.wasm`;
  return {
    language: "Go",
    what: "a TCP echo server, on a socket that Pollux opens for it",
    tools: [
      {
        name: "Go 1.21 or later",
        programs: ["go"],
        from: "<https://go.dev/dl>. TinyGo is the other way: its `-target=wasip2` makes components",
      },
    ],
    build: `GOOS=wasip1 GOARCH=wasm go build -o ${file} .`,
    file,
    release: { build: `GOOS=wasip1 GOARCH=wasm go build -ldflags='-s -w' -o ${file} .`, file },
    command: "run",
    options: [`-Stcplisten=${ADDRESS}`],
    client: CLIENT,
    source: "main.go",
    ignored: ["*.wasm"],
    problemMatcher: "$go",
    files: {
      "go.mod": `module ${name}\n\ngo 1.21\n`,
      "main.go": `// Greets each client, and sends back what it says.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
)

func main() {
	// The socket that Pollux listens on (-Stcplisten).
	listener, err := net.FileListener(os.NewFile(3, "tcplisten"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on descriptor 3")
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(client)
	}
}

func serve(client net.Conn) {
	defer client.Close()
	fmt.Fprintln(client, "welcome to ${name}")
	io.Copy(client, client)
}
`,
    },
  };
}
