package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/config"
)

// published reads the schedule that the cluster runs: that of the ConfigMap.
func (o *diffOptions) published(ctx context.Context, stderr io.Writer) (source, error) {
	key, err := flagName("configmap", o.configMap)
	if err != nil {
		return source{}, err
	}
	c, err := o.connect(stderr)
	if err != nil {
		return source{}, err
	}
	files, err := mountedFiles(ctx, c, key)
	if err != nil {
		return source{}, err
	}
	return source{files: files, texts: files}.parsed().valid(stderr)
}

// mounted returns the schedule files of a ConfigMap, as the controller reads them where it is mounted.
func mounted(m *corev1.ConfigMap) []config.File {
	data := make(map[string][]byte, len(m.Data)+len(m.BinaryData))
	for name, text := range m.Data {
		data[name] = []byte(text)
	}
	maps.Copy(data, m.BinaryData)
	return config.Mounted(data)
}

// mountedFiles reads the schedule files of a ConfigMap.
func mountedFiles(ctx context.Context, c client.Reader, key types.NamespacedName) ([]config.File, error) {
	configMap := &corev1.ConfigMap{}
	if err := c.Get(ctx, key, configMap); err != nil {
		return nil, fmt.Errorf("cannot read the schedule of the cluster, ConfigMap %s: %w", key, err)
	}
	files := mounted(configMap)
	if len(files) == 0 {
		return nil, errors.New("ConfigMap " + key.String() + " holds no *.yaml file; name another with --configmap")
	}
	for i := range files {
		files[i].Name = fmt.Sprintf("ConfigMap %s, %s", key, files[i].Name)
	}
	return files, nil
}
