// Command floorkeeper raises the floor under HorizontalPodAutoscalers before the crowd arrives, and takes it away
// afterwards.
package main

import (
	"os"
	"time"
)

func main() {
	root := newRootCommand(time.Now)
	asPlugin(root, os.Args[0], os.Args[1:])
	os.Exit(execute(root))
}
