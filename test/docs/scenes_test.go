package docs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// How the cluster is before a session: floorkeeper is installed with the floor guard, without it, or not at all, or it is
// gone and has left floors behind.
const (
	guarded   = "guarded"
	unguarded = "unguarded"
	bare      = "bare"
	abandoned = "abandoned"
)

// variantsOf are the clusters on which a section of a page is tried.
func variantsOf(page, section string) []string {
	switch page + "#" + section {
	case "docs/install.md#uninstall", "docs/install.md#without-the-binary":
		return []string{unguarded}
	case "docs/install.md#afterwards-is-not-too-late":
		return []string{abandoned}
	}
	if strings.HasPrefix(page, "docs/runbooks/") { // test/monitoring runs them
		return nil
	}
	switch page {
	case "README.md", "docs/quickstart.md", "docs/install.md", "deploy/helm/floorkeeper/README.md":
		return []string{bare}
	case "docs/on-call.md":
		return []string{unguarded, guarded}
	default:
		return []string{guarded}
	}
}

// oneSession reports whether the sections of a page follow upon each other.
func oneSession(page string) bool {
	return page == "docs/quickstart.md" || page == "deploy/helm/floorkeeper/README.md"
}

// outcomes are what HPAs must be after a block, the n-th that runs in its section; an empty line divides a block: their minReplicas and, while they are
// held, their baseline. A bar separates two that are both right.
func outcomes() map[string][]string {
	return map[string][]string{
		"docs/on-call.md#raise-now:1":                                      {"video/images 40 over 4", "video/player 27 over 6", "shop/web 12 over 4"},
		"docs/on-call.md#raise-now:2":                                      {"video/images 50 over 4"},
		"docs/on-call.md#raise-now:3":                                      {"video/images 40 over 4"},
		"docs/on-call.md#take-one-hpa-out-stop-everything-and-undo-both:1": {"video/images 4", "video/player 9 over 6"},
		"docs/on-call.md#take-one-hpa-out-stop-everything-and-undo-both:2": {"video/images 25 over 4"},
		"docs/on-call.md#take-one-hpa-out-stop-everything-and-undo-both:3": {"video/images 4", "video/player 6", "shop/web 4", "shop/checkout 3"},
		"docs/on-call.md#take-one-hpa-out-stop-everything-and-undo-both:4": {"video/images 25 over 4", "video/player 9 over 6", "shop/web 12 over 4"},
		"deploy/helm/floorkeeper/README.md#the-schedule:1":                 {"video/images 20 over 4"},
		"docs/operations.md#limit-what-a-typo-can-do:1":                    {"video/images 20 over 4"},
		"docs/operations.md#limit-what-a-typo-can-do:2":                    {"video/images 25 over 4"},
		"docs/guard.md#switch-it-off:1":                                    {"video/images 25 over 4"},
		"docs/autoscalers.md#flagger:1":                                    {"video/images 25 over 4"},
		"docs/quickstart.md#4-now:1":                                       {"default/web 8 over 2"},
		"docs/quickstart.md#5-and-back:1":                                  {"default/web 2|default/web 5 over 2"},
		"docs/install.md#with-helm:2":                                      {"video/images 25 over 4"},
		"docs/install.md#with-kustomize:1":                                 {"video/images 25 over 4"},
		"docs/install.md#uninstall:1":                                      {"video/images 4", "video/player 6", "shop/web 4"},
		"docs/install.md#afterwards-is-not-too-late:1":                     {"video/images 4", "video/player 6", "shop/web 4"},
		"docs/install.md#without-the-binary:1":                             {"video/images 4", "video/player 6", "shop/web 4"},
	}
}

// wantAfter waits for the outcome of a block.
func (s *stage) wantAfter(t *testing.T, name string) {
	t.Helper()
	want, ok := outcomes()[name]
	if !ok {
		return
	}
	s.seen[name] = true
	s.await(t, name, want)
}

func (s *stage) await(t *testing.T, name string, want []string) {
	t.Helper()
	await.Success(t, "the outcome of "+name, func(ctx context.Context) error {
		got, err := s.state(ctx)
		if err != nil {
			return err
		}
		var errs []error
		for _, line := range want {
			if !slices.ContainsFunc(strings.Split(line, "|"), func(either string) bool { return slices.Contains(got, either) }) {
				errs = append(errs, fmt.Errorf("want %q, got %q", line, got))
			}
		}
		return errors.Join(errs...)
	})
}

// state describes all HPAs.
func (s *stage) state(ctx context.Context) ([]string, error) {
	list, err := s.client.AutoscalingV2().HorizontalPodAutoscalers("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, hpa := range list.Items {
		line := hpa.Namespace + "/" + hpa.Name + " " + strconv.Itoa(int(*hpa.Spec.MinReplicas))
		if baseline, held := hpa.Annotations["floorkeeper.dev/baseline"]; held {
			line += " over " + baseline
		}
		all = append(all, strings.TrimSpace(line))
	}
	return all, nil
}
