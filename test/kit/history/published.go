package history

import (
	"time"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// Published is what a schedule directory holds from an instant on, which was taken before: the text of each file.
type Published struct {
	From  time.Time
	Files map[string]string
}

// Valid returns those of the contents that are valid schedules.
func Valid(contents []Published) []InForce {
	var all []InForce
	for _, p := range contents {
		var files []source.File
		for name, text := range p.Files {
			files = append(files, source.File{Name: name, Data: []byte(text)})
		}
		if parsed, err := config.Parse(files...); err == nil {
			all = append(all, InForce{From: p.From, Schedule: parsed})
		}
	}
	return all
}
