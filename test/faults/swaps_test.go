package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// swapTime is how long the schedule is replaced again and again.
const swapTime = 15 * time.Second

// swapFile replaces the schedule file in all the ways in which editors do, by valid and by broken versions.
func swapFile(t *testing.T, s *scene) {
	s.playSwaps(t, s.writeFile, s.path)
}

// swapDirectory replaces the directory as the kubelet does with a ConfigMap.
func swapDirectory(t *testing.T, s *scene) {
	dir := filepath.Join(filepath.Dir(s.path), "schedule")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.playSwaps(t, func(t *testing.T, text *string) { swapMount(t, dir, text) }, dir)
}

// playSwaps begins with a floor of 8. No valid version has less, so the floor never falls below it before the end.
func (s *scene) playSwaps(t *testing.T, replace func(*testing.T, *string), path string) {
	s.create(t, "web", 2)
	s.path = path
	open := openFrom(-5 * time.Second)
	put := func(text string) {
		s.note(t, text)
		replace(t, &text)
	}
	put(schedule(s.gala(open, 8)))
	k := s.keep(t, "only", nil)
	s.awaitHeld(t, "web", 8)
	wrong := s.recordBelow(t)

	swaps := 0
	for end := time.Now().Add(swapTime); time.Now().Before(end); swaps++ {
		valid := schedule(s.gala(open, 8+s.random.Int32N(20)))
		switch s.random.IntN(5) {
		case 0, 1:
			put(valid)
		case 2:
			truncated := s.truncated(valid)
			replace(t, &truncated)
		case 3:
			replace(t, new(""))
		default:
			replace(t, nil)
		}
		<-time.After(time.Duration(s.random.IntN(400)) * time.Millisecond)
	}
	t.Logf("%d swaps, of which %d were seen and refused", swaps, strings.Count(k.current().Tail(100000), "schedule refused"))
	if !strings.Contains(k.current().Tail(100000), "schedule refused") {
		t.Error("no version was refused: this proves nothing")
	}
	replace(t, nil)
	s.edit(t, "web", 4)
	put(schedule(s.gala(open, 40)))
	s.awaitHeld(t, "web", 40)
	for _, min := range wrong() {
		if min != 4 { // as the owner wrote it
			t.Errorf("minReplicas was %d while every valid schedule asked for at least 8", min)
		}
	}
	put(schedule(s.gala(open.until(2*time.Second), 40)))
	s.wantFree(t)
}

// truncated returns the beginning of a text, no valid schedule.
func (s *scene) truncated(text string) string {
	for {
		part := text[:s.random.IntN(len(text))]
		if _, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(part)}); err != nil {
			return part
		}
	}
}

// writeFile replaces the schedule file by a rename, in place, or by a removal and a new file. A nil text removes it.
func (s *scene) writeFile(t *testing.T, text *string) {
	t.Helper()
	way := s.random.IntN(3)
	if text == nil || way == 0 {
		if err := os.Remove(s.path); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if text == nil {
		return
	}
	file := s.path
	if way == 1 {
		file += ".new"
	}
	if err := os.WriteFile(file, []byte(*text), 0o644); err != nil {
		t.Fatal(err)
	}
	if way == 1 {
		if err := os.Rename(file, s.path); err != nil {
			t.Fatal(err)
		}
	}
}

// swapMount follows the steps of the kubelet's AtomicWriter. A nil text is a ConfigMap without the file.
func swapMount(t *testing.T, dir string, text *string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil && !os.IsNotExist(err) && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	const name = "schedule.yaml"
	data := filepath.Join(dir, "..data")
	old, _ := os.Readlink(data)
	fresh, err := os.MkdirTemp(dir, time.Now().UTC().Format("..2006_01_02_15_04_05."))
	must(err)
	if text != nil {
		must(os.WriteFile(filepath.Join(fresh, name), []byte(*text), 0o644))
	}
	must(os.Symlink(filepath.Base(fresh), data+"_tmp"))
	must(os.Rename(data+"_tmp", data))
	if text != nil {
		must(os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)))
	} else {
		must(os.Remove(filepath.Join(dir, name)))
	}
	if old != "" {
		must(os.RemoveAll(filepath.Join(dir, old)))
	}
}

// recordBelow watches the HPA web from now on. The returned function returns each minReplicas below 8 that was seen.
func (s *scene) recordBelow(t *testing.T) (seen func() []int32) {
	t.Helper()
	watch, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Watch(t.Context(), metav1.ListOptions{
		FieldSelector: "metadata.name=web",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(watch.Stop)
	below := make(chan int32, 1000)
	go func() {
		for event := range watch.ResultChan() {
			if hpa, ok := event.Object.(*autoscalingv2.HorizontalPodAutoscaler); ok && *hpa.Spec.MinReplicas < 8 {
				below <- *hpa.Spec.MinReplicas
			}
		}
	}()
	return func() []int32 {
		var all []int32
		for len(below) > 0 {
			all = append(all, <-below)
		}
		return all
	}
}
