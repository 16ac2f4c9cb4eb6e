package controlplane

import (
	"fmt"
	"path/filepath"
)

// Component is the name of a process of the control plane, which is also the name of its binary.
type Component string

// The components, each of which can be stopped and started again alone.
const (
	Etcd              Component = "etcd"
	APIServer         Component = "kube-apiserver"
	ControllerManager Component = "kube-controller-manager"
	Scheduler         Component = "kube-scheduler"
	Kwok              Component = "kwok"

	// SecondAPIServer is another API server over the same etcd, with the flags of the first. StartSecondAPIServer starts it.
	SecondAPIServer Component = "kube-apiserver-2"
)

// Components returns all components in the order in which they start.
func Components() []Component {
	return []Component{Etcd, APIServer, ControllerManager, Scheduler, Kwok}
}

// binary returns the name of the binary of a component.
func (c Component) binary() string {
	if c == SecondAPIServer {
		return string(APIServer)
	}
	return string(c)
}

// user is the name that the audit log shows for what a component does.
func (c Component) user() string {
	switch c {
	case ControllerManager, Scheduler:
		return "system:" + string(c)
	default:
		return string(c)
	}
}

// args is the command line of a component without Options.ExtraArgs.
func (c *ControlPlane) args(name Component) []string {
	switch name {
	case Etcd:
		return c.etcdArgs()
	case APIServer:
		return c.apiServerArgs(c.port, c.EtcdSocket())
	case SecondAPIServer:
		return append(c.apiServerArgs(c.second.port, c.second.etcdSocket), c.options.ExtraArgs[APIServer]...)
	case ControllerManager:
		return []string{
			"--kubeconfig=" + c.kubeconfig(name.user()),
			"--leader-elect=false",
			"--use-service-account-credentials=false",
			"--service-account-private-key-file=" + c.file(serviceAccountKey),
			"--root-ca-file=" + c.file(servingCert),
			"--secure-port=0",
		}
	case Scheduler:
		return []string{"--kubeconfig=" + c.kubeconfig(name.user()), "--leader-elect=false", "--secure-port=0"}
	default:
		return []string{
			"--kubeconfig=" + c.kubeconfig(name.user()),
			"--config=" + filepath.Join(c.bin, stagesFile),
			"--manage-all-nodes=true",
			"--cidr=10.128.0.0/16",
			// Without a lease that is renewed, Pods turn NotReady after about 50 s.
			"--node-lease-duration-seconds=40",
		}
	}
}

// etcdArgs lets etcd serve its client on a socket in its own directory, which nobody else can own. Nothing connects to
// its peer port, so the kernel chooses it, and nothing reads the address that it advertises.
func (c *ControlPlane) etcdArgs() []string {
	return []string{
		"--data-dir=" + c.file("etcd"),
		"--listen-client-urls=unix://" + c.file(etcdSocket),
		"--advertise-client-urls=http://127.0.0.1:0",
		"--listen-peer-urls=http://127.0.0.1:0",
		"--unsafe-no-fsync",
		"--log-level=warn",
	}
}

func (c *ControlPlane) apiServerArgs(port int, etcdSocket string) []string {
	return []string{
		"--etcd-servers=unix://" + etcdSocket,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		// An Endpoints object cannot name a loopback address, so nobody may try to write one.
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + c.file(servingCert),
		"--tls-private-key-file=" + c.file(servingKey),
		"--token-auth-file=" + c.file(tokens),
		"--authorization-mode=RBAC",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.file(serviceAccountKey),
		"--service-account-signing-key-file=" + c.file(serviceAccountKey),
	}
}
