package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// openReal uses the cluster of a context of the user's kubeconfig, once the user has agreed, in a namespace of its own.
func openReal(ctx context.Context, s *screen, dir, name string) (*cluster, error) {
	c := &cluster{
		namespace: "floorkeeper-demo-" + rand.String(5), kubeconfig: filepath.Join(dir, "kubeconfig"), pace: realPace(),
	}
	c.leaseNamespace = c.namespace
	server, err := writeContext(name, c.kubeconfig)
	if err != nil {
		return nil, err
	}
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		return nil, fmt.Errorf("cannot show what kubectl sees: %w", err)
	}
	c.kubectl = func(ctx context.Context, args ...string) (string, error) {
		return controlplane.Output(exec.CommandContext(ctx, kubectl, append([]string{"--kubeconfig=" + c.kubeconfig}, args...)...))
	}
	if err := c.agree(ctx, s, name, server); err != nil {
		return nil, err
	}
	if err := buildFloorkeeper(ctx, s, dir); err != nil {
		return nil, err
	}
	if c.client, err = controlplane.ClientOf(c.kubeconfig); err != nil {
		return nil, fmt.Errorf("cannot use context %s: %w", name, err)
	}
	c.close = func(ctx context.Context) error { return c.deleteNamespace(ctx, s) }
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.namespace}}
	if _, err := c.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		// The answer may be lost although the namespace was made.
		err = fmt.Errorf("cannot create namespace %s: %w", c.namespace, err)
		return nil, errors.Join(err, c.deleteNamespace(context.WithoutCancel(ctx), s))
	}
	return c, nil
}

// agree prints what will be done to which cluster, and asks the user.
func (c *cluster) agree(ctx context.Context, s *screen, name, server string) error {
	s.print(fmt.Sprintf("DEMO_CONTEXT names a real cluster:\n\n  context    %s\n  server     %s\n  namespace  %s\n",
		name, server, c.namespace))
	s.paragraph("The namespace is made for the demo and deleted at the end. For a minute it has up to 72 Pods of " + image +
		", which do nothing. floorkeeper itself runs here, with your credentials, and watches that namespace alone.")
	s.print("")
	return confirm(ctx, "Go on? [y/N] ")
}

// writeContext writes a kubeconfig file with one context of the user's alone, and returns its server.
func writeContext(name, file string) (server string, err error) {
	config, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	if err != nil {
		return "", fmt.Errorf("cannot read your kubeconfig: %w", err)
	}
	context, found := config.Contexts[name]
	if !found {
		return "", fmt.Errorf("cannot find context %q of DEMO_CONTEXT in your kubeconfig", name)
	}
	config.CurrentContext = name
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		return "", fmt.Errorf("cannot write the kubeconfig of the demo: %w", err)
	}
	if config.Clusters[context.Cluster] == nil {
		return "", fmt.Errorf("cannot find cluster %q of context %q in your kubeconfig", context.Cluster, name)
	}
	return config.Clusters[context.Cluster].Server, nil
}

// confirm asks the person at the terminal.
func confirm(ctx context.Context, question string) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return errors.New("cannot ask whether to use this cluster: there is no terminal")
	}
	fmt.Print(question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case text := <-answer:
		if text != "y" && text != "yes" {
			return errDeclined
		}
		return nil
	}
}

// deleteNamespace deletes everything that the demo made, and waits until it is gone.
func (c *cluster) deleteNamespace(ctx context.Context, s *screen) error {
	s.print("Deleting namespace " + c.namespace + " ...")
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	namespaces := c.client.CoreV1().Namespaces()
	if err := namespaces.Delete(ctx, c.namespace, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("cannot delete namespace %s, please do: %w", c.namespace, err)
	}
	return await(ctx, "namespace "+c.namespace+" to go", func(ctx context.Context) error {
		_, err := namespaces.Get(ctx, c.namespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it is still there"), err)
	})
}
