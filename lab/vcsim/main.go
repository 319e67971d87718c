// A vCenter for tests and a first look: the simulator of Debian's golang-github-vmware-govmomi-dev, made to look like a bank's.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
	"github.com/vmware/govmomi/vim25"
)

func main() {
	model := simulator.VPX()
	flag.IntVar(&model.Cluster, "clusters", 2, "clusters")
	flag.IntVar(&model.ClusterHost, "hosts", 3, "hosts of each cluster")
	flag.IntVar(&model.Machine, "machines", 10, "virtual machines of each cluster")
	flag.IntVar(&model.Datastore, "datastores", 2, "datastores")
	flag.IntVar(&model.Portgroup, "portgroups", 3, "port groups of the distributed switch")
	flag.IntVar(&model.DelayConfig.Delay, "delay", 0, "milliseconds that each call takes")
	listen := flag.String("listen", "127.0.0.1:0", "address and port")
	identity := flag.String("identity", "", "instance UUID of the vCenter; kept over restarts")
	user := flag.String("user", "jinyun@vsphere.local", "who may sign in")
	passwordFile := flag.String("password-file", "", "file with his password")
	certificate := flag.String("certificate", "", "file with the server's certificate")
	key := flag.String("key", "", "file with its key")
	flag.Parse()
	model.Host = 0
	password, err := os.ReadFile(*passwordFile)
	check(err)
	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	check(err)
	check(model.Create())
	content := &simulator.Map.Get(vim25.ServiceInstance).(*simulator.ServiceInstance).Content
	content.About.InstanceUuid = *identity
	installPaging(*content)
	furnish()
	simulator.Map.AddHandler(&versions{})
	model.Service.RegisterEndpoints = true
	model.Service.Listen = &url.URL{Host: *listen, User: url.UserPassword(*user, strings.TrimSpace(string(password)))}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	fmt.Println("ready", model.Service.NewServer().URL.Host)
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	<-ended
	model.Remove()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
