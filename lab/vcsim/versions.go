package main

import (
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// versions gives a machine another config.changeVersion with each change of its configuration, as a real vCenter does.
type versions struct{}

var self = types.ManagedObjectReference{Type: "ConfigurationVersions", Value: "ConfigurationVersions"}

func (versions) Reference() types.ManagedObjectReference   { return self }
func (versions) PutObject(mo.Reference)                    {}
func (versions) RemoveObject(types.ManagedObjectReference) {}
func (versions) UpdateObject(changed mo.Reference, changes []types.PropertyChange) {
	machine, ok := changed.(*mo.VirtualMachine)
	if !ok {
		return
	}
	for _, change := range changes {
		if change.Name != "config.changeVersion" && strings.HasPrefix(change.Name, "config.") {
			now := time.Now().UTC().Format(time.RFC3339Nano)
			simulator.Map.Update(machine, []types.PropertyChange{{Name: "config.changeVersion", Val: now}})
			return
		}
	}
}
