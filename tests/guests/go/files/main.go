// Files through Go's os package, beneath the directory that the host gave as `/`: asserts inside.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

func check(ok bool, what ...any) {
	if !ok {
		fmt.Println(append([]any{"failed:"}, what...)...)
		os.Exit(1)
	}
}

func main() {
	check(os.MkdirAll("/a/b", 0o755) == nil, "mkdir")
	check(os.WriteFile("/a/b/one", []byte("hello"), 0o644) == nil, "write")
	file, err := os.OpenFile("/a/b/one", os.O_WRONLY|os.O_APPEND, 0)
	check(err == nil, err)
	_, err = file.WriteString(" world")
	check(err == nil && file.Close() == nil, err)
	data, err := os.ReadFile("/a/b/one")
	check(err == nil && string(data) == "hello world", string(data), err)

	file, err = os.Open("/a/b/one")
	check(err == nil, err)
	offset, err := file.Seek(-5, 2)
	check(err == nil && offset == 6, offset, err)
	buffer := make([]byte, 5)
	_, err = file.Read(buffer)
	check(err == nil && string(buffer) == "world", string(buffer), err)
	_, err = file.ReadAt(buffer, 0)
	check(err == nil && string(buffer) == "hello", string(buffer), err)
	stat, err := file.Stat()
	check(err == nil && stat.Size() == 11 && stat.Mode().IsRegular(), stat, err)
	check(file.Close() == nil, "close")

	for n := range 300 {
		check(os.WriteFile(fmt.Sprintf("/a/entry-%03d", n), nil, 0o644) == nil, n)
	}
	entries, err := os.ReadDir("/a")
	check(err == nil && len(entries) == 301, len(entries), err)
	check(slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "b" && e.IsDir() }) >= 0, "no b")

	check(os.Rename("/a/entry-000", "/a/b/renamed") == nil, "rename")
	check(os.Symlink("renamed", "/a/b/link") == nil, "symlink")
	target, err := os.Readlink("/a/b/link")
	check(err == nil && target == "renamed", target, err)
	check(os.Truncate("/a/b/one", 5) == nil, "truncate")
	data, err = os.ReadFile("/a/b/one")
	check(err == nil && string(data) == "hello", string(data), err)

	_, err = os.ReadFile("/a/nothing")
	check(errors.Is(err, fs.ErrNotExist), err)
	_, err = os.ReadFile("/../etc/passwd")
	check(err != nil, "out of the directory")
	check(os.RemoveAll("/a") == nil, "remove")
	fmt.Println("ok")
}
