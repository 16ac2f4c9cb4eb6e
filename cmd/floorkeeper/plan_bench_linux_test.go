package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What a year of 1,000 HPAs may take: ten entries without ramps, two of them for each HPA, so 1.5 million changes.
const (
	planTime   = 2 * time.Second
	planMemory = 200 << 20
)

// BenchmarkPlanYear runs the program as people do, from manifests to its output, and reports what it takes as a share of
// what it may: of the time as clocks show it, of the CPU time, and of the resident memory.
func BenchmarkPlanYear(b *testing.B) {
	dir := b.TempDir()
	program := filepath.Join(dir, "floorkeeper")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v:\n%s", err, out)
	}
	schedule, hpas := filepath.Join(dir, "schedule.yaml"), filepath.Join(dir, "hpas.yaml")
	writeFile(b, schedule, fleetSchedule())
	for _, fleet := range []struct {
		name  string
		limit func(i int) int
	}{
		{"alike", func(int) int { return 100 }},
		{"each-its-own", func(i int) int { return 20 + i }},
	} {
		writeFile(b, hpas, fleetHPAs(fleet.limit))
		for _, output := range []string{"text", "json"} {
			b.Run(fleet.name+"/"+output, func(b *testing.B) {
				benchPlan(b, program, schedule, "--hpas", hpas, "--from", "2026-01-01", "--for", "365d", "-o", output)
			})
		}
	}
}

func benchPlan(b *testing.B, program, schedule string, flags ...string) {
	var memory int64
	var processor time.Duration
	for b.Loop() {
		cmd := exec.Command(program, append([]string{"plan", schedule}, flags...)...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil { // without Stdout it writes to /dev/null
			b.Fatal(err)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		memory = max(memory, usage.Maxrss*1024)
		processor += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(planTime), "of-2s")
	b.ReportMetric(float64(processor)/float64(b.N)/float64(planTime), "CPU-of-2s")
	b.ReportMetric(float64(memory)/planMemory, "of-200MiB")
}

func writeFile(b *testing.B, path string, data []byte) {
	b.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		b.Fatal(err)
	}
}

func fleetSchedule() []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, "apiVersion: floorkeeper.dev/v1\nkind: Schedule\ntimeZone: Europe/Paris\nleadTime: 10m\nwindows:\n")
	for i := range 10 {
		start := 6 + i/5*6
		fmt.Fprintf(&b, "  - {name: window-%d, start: \"%02d:00\", end: \"%02d:00\", targets: [{selector: {matchLabels: {group-%d: \"yes\"}}, minReplicas: %d}]}\n",
			i, start, start+3, i%5, 10+i)
	}
	return b.Bytes()
}

func fleetHPAs(limit func(i int) int) []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, "apiVersion: v1\nkind: List\nitems:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "  - apiVersion: autoscaling/v2\n    kind: HorizontalPodAutoscaler\n"+
			"    metadata: {namespace: team-%02d, name: service-%04d, labels: {group-%d: \"yes\"}}\n"+
			"    spec: {minReplicas: %d, maxReplicas: %d, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: service-%04d}}\n",
			i%20, i, i%5, 1+i%9, limit(i), i)
	}
	return b.Bytes()
}
