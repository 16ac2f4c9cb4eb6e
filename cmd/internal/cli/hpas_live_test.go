//go:build live

package cli

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

// TestPrintInputs prints what --live or --hpas reads, for test/live, which cannot import this program: it is built with
// the tag live, and run with the flags of inputs after its own.
func TestPrintInputs(t *testing.T) {
	i := given(t, flag.Args()...)
	i.Sums = true
	s, err := i.Snapshot(t.Context(), nil, os.Stdin, os.Stderr)
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	for n := range s.HPAs {
		hpa := &s.HPAs[n]
		state := autoscaler.Observe(hpa)
		pod, known := s.PodOf(hpa)
		fmt.Printf("hpa: %s/%s %d-%d zero=%t behavior=%t labels=%v pod=%t %s %s\n", hpa.Namespace, hpa.Name, state.MinReplicas, state.MaxReplicas,
			state.ZeroLegal, hpa.Spec.Behavior != nil, hpa.Labels, known, pod.CPU.String(), pod.Memory.String())
	}
	demand := map[string]cluster.Demand{}
	for n := range s.Quotas {
		used := s.Quotas[n].Status.Used
		fmt.Printf("quota: %s/%s pods=%s cpu=%s memory=%s\n", s.Quotas[n].Namespace, s.Quotas[n].Name, used.Pods(), used.Cpu(), used.Memory())
		demand[s.Quotas[n].Namespace] = cluster.Demand{Pods: 1}
	}
	for _, p := range s.Exceeded(demand, nil) {
		fmt.Println("exceeded:", p)
	}
	for _, note := range s.Notes {
		fmt.Println("note:", note)
	}
}
