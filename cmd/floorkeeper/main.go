// Command floorkeeper raises the floor under HorizontalPodAutoscalers before the crowd arrives, and takes it away
// afterwards.
package main

import (
	"os"
	"time"
	_ "time/tzdata" // the schedule's time zones, wherever the binary runs
)

func main() {
	root := newRootCommand(time.Now)
	asPlugin(root, os.Args[0])
	os.Exit(execute(root))
}
