package controlplane

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// The files in the directory of a control plane.
const (
	admin             = "admin"
	servingCert       = "apiserver.crt"
	servingKey        = "apiserver.key"
	serviceAccountKey = "service-account.key"
	tokens            = "tokens.csv"
	etcdSocket        = "etcd.sock"
)

// file is the path of a file of this control plane.
func (c *ControlPlane) file(name string) string { return filepath.Join(c.dir, name) }

// kubeconfig is the path of the kubeconfig file of a user.
func (c *ControlPlane) kubeconfig(user string) string {
	return c.file(strings.ReplaceAll(user, ":", "-") + ".kubeconfig")
}

// writeCredentials makes the certificate of the API server, the key that signs the tokens of ServiceAccounts, and one
// user with full rights for the administrator and for each component that talks to the API server.
func (c *ControlPlane) writeCredentials() error {
	crt, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", nil, []string{"localhost"})
	if err != nil {
		return fmt.Errorf("cannot make the certificate of the API server: %w", err)
	}
	signer, err := keyutil.MakeEllipticPrivateKeyPEM()
	if err != nil {
		return fmt.Errorf("cannot make the key of the ServiceAccount tokens: %w", err)
	}
	c.ca = crt // It includes the certificate of its own authority.
	var table strings.Builder
	for _, user := range []string{admin, ControllerManager.user(), Scheduler.user(), Kwok.user()} {
		token := rand.Text()
		fmt.Fprintf(&table, "%s,%s,%s,system:masters\n", token, user, user)
		if err := c.writeKubeconfig(c.kubeconfig(user), user, "default", token); err != nil {
			return err
		}
	}
	for name, text := range map[string][]byte{
		servingCert: crt, servingKey: key, serviceAccountKey: signer, tokens: []byte(table.String()),
	} {
		if err := os.WriteFile(c.file(name), text, 0o600); err != nil {
			return fmt.Errorf("cannot write a credential: %w", err)
		}
	}
	return nil
}

// writeKubeconfig writes a kubeconfig file for a user who authenticates with a token.
func (c *ControlPlane) writeKubeconfig(file, user, namespace, token string) error {
	const name = "controlplane"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{
		Server:                   fmt.Sprintf("https://127.0.0.1:%d", c.port),
		CertificateAuthorityData: c.ca,
	}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: user, Namespace: namespace}
	config.CurrentContext = name
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		return fmt.Errorf("cannot write the kubeconfig of %s: %w", user, err)
	}
	return nil
}
