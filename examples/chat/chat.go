// A chat on a listener that Pollux opens, descriptor 3: two goroutines for each member, which says its name first.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"os"
	"sync"
)

// What a member has not read yet: one that falls further behind is put out.
const backlog = 100

type room struct {
	mutex   sync.Mutex
	members map[net.Conn]chan string
}

// say tells everybody but the member it comes from.
func (r *room) say(from net.Conn, line string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for member, lines := range r.members {
		if member == from {
			continue
		}
		select {
		case lines <- line:
		default:
			member.Close()
		}
	}
}

func (r *room) enter(member net.Conn) {
	lines := make(chan string, backlog)
	r.mutex.Lock()
	r.members[member] = lines
	r.mutex.Unlock()
	go func() {
		for line := range lines {
			fmt.Fprintln(member, line)
		}
	}()
}

func (r *room) leave(member net.Conn) {
	r.mutex.Lock()
	close(r.members[member])
	delete(r.members, member)
	r.mutex.Unlock()
	member.Close()
}

func (r *room) serve(member net.Conn) {
	input := bufio.NewScanner(member)
	if !input.Scan() {
		member.Close()
		return
	}
	name := input.Text()
	r.enter(member)
	defer r.leave(member)
	r.say(nil, name+" has joined")
	for input.Scan() {
		r.say(member, name+": "+input.Text())
	}
	r.say(member, name+" has left")
}

func main() {
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		log.Fatal(err)
	}
	log.Print("the room is open")
	chat := room{members: map[net.Conn]chan string{}}
	for {
		member, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go chat.serve(member)
	}
}
