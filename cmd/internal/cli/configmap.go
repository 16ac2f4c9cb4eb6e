package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// ScheduleFiles returns the schedule files of a ConfigMap, as the controller reads them where it is mounted.
func ScheduleFiles(m *corev1.ConfigMap) []source.File {
	data := make(map[string][]byte, len(m.Data)+len(m.BinaryData))
	for name, text := range m.Data {
		data[name] = []byte(text)
	}
	maps.Copy(data, m.BinaryData)
	return config.Mounted(data)
}

// ReadConfigMap reads the schedule files of a ConfigMap.
func ReadConfigMap(ctx context.Context, c client.Reader, key types.NamespacedName) ([]source.File, error) {
	configMap := &corev1.ConfigMap{}
	if err := c.Get(ctx, key, configMap); err != nil {
		return nil, fmt.Errorf("cannot read the schedule of the cluster, ConfigMap %s: %w", key, err)
	}
	files := ScheduleFiles(configMap)
	if len(files) == 0 {
		return nil, errors.New("ConfigMap " + key.String() + " holds no *.yaml file; name another with --configmap")
	}
	for i := range files {
		files[i].Name = fmt.Sprintf("ConfigMap %s, %s", key, files[i].Name)
	}
	return files, nil
}
