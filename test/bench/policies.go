package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit/replica"
)

const (
	guardName    = "floorkeeper-floor-guard"
	handBackName = "floorkeeper-floor-hand-back"
	reloading    = 5 * time.Second // how long the API server may take to notice that a policy is there, or gone
)

// overlay writes a kustomization with all components of deploy/kustomize, and returns its folder.
func (c *cluster) overlay(ctx context.Context) (string, error) {
	root, err := replica.Root(ctx)
	if err != nil {
		return "", err
	}
	deploy := filepath.Join(c.dir, "deploy")
	if err := os.CopyFS(deploy, os.DirFS(filepath.Join(root, "deploy"))); err != nil {
		return "", fmt.Errorf("cannot copy the deploy folder: %w", err)
	}
	var components []string
	for _, component := range []string{"policies/floor-guard", "raise-targets"} {
		if _, err := os.Stat(filepath.Join(deploy, "kustomize", component)); err == nil {
			components = append(components, "../kustomize/"+component)
		}
	}
	text := fmt.Sprintf("resources: [../kustomize]\ncomponents: [%s]\n", strings.Join(components, ", "))
	overlay := filepath.Join(deploy, "overlay")
	if err := os.Mkdir(overlay, 0o755); err != nil {
		return "", fmt.Errorf("cannot write an overlay: %w", err)
	}
	if err := os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("cannot write an overlay: %w", err)
	}
	return overlay, nil
}

// guard switches all policies on, and finds out which there are.
func (c *cluster) guard(ctx context.Context) error {
	if _, err := c.Kubectl(ctx, "apply", "--kustomize="+c.all); err != nil {
		return err
	}
	bindings, err := c.admin.AdmissionregistrationV1().MutatingAdmissionPolicyBindings().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("cannot list the policies: %w", err)
	}
	c.handBack = false
	for _, binding := range bindings.Items {
		c.handBack = c.handBack || strings.Contains(binding.Name, "hand-back")
	}
	return sleep(ctx, time.Now().Add(reloading))
}

// lift switches a policy off.
func (c *cluster) lift(ctx context.Context, name string) error {
	if _, err := c.Kubectl(ctx, "delete", "mutatingadmissionpolicybinding", name); err != nil {
		return err
	}
	c.handBack = c.handBack && name != handBackName
	return sleep(ctx, time.Now().Add(reloading))
}

// writes counts the requests of a raise and of a release, with the hand-back policy where there is one, and without.
func (b *bench) writes(ctx context.Context) error {
	m, err := b.newMeeting(ctx, max(100, len(b.fleet.names)))
	if err != nil {
		return err
	}
	if b.handBack {
		if err := m.count(ctx, "hand-back policy in force", 2); err != nil {
			return err
		}
		if err := b.lift(ctx, handBackName); err != nil {
			return err
		}
	}
	if err := m.count(ctx, "no hand-back policy", 3); err != nil {
		return err
	}
	return b.guard(ctx)
}

func (m *meeting) count(ctx context.Context, policy string, target float64) error {
	m.keepers = nil
	if err := m.keeperTurn(ctx, 0); err != nil {
		return err
	}
	for _, of := range []struct {
		what  string
		tally *tally
	}{{"raise", m.warmUp.tally}, {"release", m.warmUp.released}} {
		m.absolute(fmt.Sprintf("API writes of a %s, %s", of.what, policy), "requests",
			statsOf([]*tally{of.tally}, func(t *tally) float64 { return t.perHPA() }), target)
	}
	return nil
}
