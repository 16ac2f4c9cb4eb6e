package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

// measured is what Go's benchmarks print, by name and then by unit.
type measured map[string]map[string][]float64

// goBench runs benchmarks of package schedules.
func goBench(ctx context.Context, expression, benchtime string, count int) (measured, error) {
	root, err := replica.Root(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench="+expression, "-benchmem", "-benchtime="+benchtime,
		"-count="+strconv.Itoa(count), "./schedules")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot run the benchmarks: %w: %s", err, out)
	}
	all := measured{}
	line := regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)
	for _, found := range line.FindAllStringSubmatch(string(out), -1) {
		if all[found[1]] == nil {
			all[found[1]] = map[string][]float64{}
		}
		fields := strings.Fields(found[2])
		for i := 0; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("cannot read the benchmark %s: %w", found[0], err)
			}
			all[found[1]][fields[i+1]] = append(all[found[1]][fields[i+1]], value)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no benchmark is %s", expression)
	}
	return all, nil
}

// at measures one decision, and one year of decisions.
func (b *bench) at(ctx context.Context) error {
	count := 3
	if b.short {
		count = 1
	}
	all, err := goBench(ctx, "^(BenchmarkFleetAt)$", "0.2s", count)
	if err != nil {
		return err
	}
	for name, values := range all {
		var entries, hpas int
		if _, err := fmt.Sscanf(name, "FleetAt/entries=%d/hpas=%d", &entries, &hpas); err != nil {
			return fmt.Errorf("cannot read the benchmark %s: %w", name, err)
		}
		took := statsOf(values["ns/op"], func(ns float64) float64 { return ns / 1000 })
		if entries == 100 {
			b.point("at", "At", "HPAs", hpas, took.Median)
		}
		if hpas == 10000 {
			b.point("at", "At", "entries", entries, took.Median)
		}
		if entries == 100 && hpas == 10000 {
			b.absolute("At, 100 entries over 20 namespaces, 5 select the HPA", "µs", took, 2)
			b.absolute("At, allocations", "allocations", statsOf(values["allocs/op"], func(n float64) float64 { return n }), 0)
		}
	}
	year, err := goBench(ctx, "^(BenchmarkFleetYear)$", "1x", count)
	if err != nil {
		return err
	}
	took := statsOf(year["FleetYear"]["ns/op"], func(ns float64) float64 { return ns / 1e9 })
	b.absolute("Timeline, a year of 10000 HPAs, 10 entries, 2 for each HPA", "s", took, 2)
	return nil
}

// absolute adds a result whose target is a number.
func (b *bench) absolute(name, unit string, took stats, target float64) {
	b.Results = append(b.Results, result{Name: name, Unit: unit, Floorkeeper: took, Value: took.Median, ValueIs: unit + ", median", Target: &target})
}

// size measures the binary.
func (b *bench) size(context.Context) error {
	info, err := os.Stat(b.binary)
	if err != nil {
		return fmt.Errorf("cannot measure the binary: %w", err)
	}
	mib := float64(info.Size()) / (1 << 20)
	b.absolute("binary, stripped", "MiB", stats{1, mib, mib, mib, mib}, 45)
	return nil
}
