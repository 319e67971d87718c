package main

import (
	"fmt"
	"sort"
	"strconv"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// What names look like in a bank; vCenter writes a slash in a name as %2f.
var names = []string{"core-ledger-%02d", "核心账务-%02d", "网银%%2f前置-%02d", "risk-engine-%02d", "报表平台-%02d"}

// Sizes in CPUs; memory is four times as many GiB.
var sizes = []int32{2, 4, 8, 4, 2}

// furnish gives hosts, port groups and virtual machines sizes, names and addresses, always the same ones.
func furnish() {
	for _, host := range all("HostSystem") {
		hardware := host.(*simulator.HostSystem).Summary.Hardware
		hardware.NumCpuCores, hardware.NumCpuThreads, hardware.MemorySize = 32, 64, 256<<30
	}
	for _, store := range all("Datastore") {
		datastore := store.(*simulator.Datastore)
		datastore.Summary.Capacity, datastore.Summary.FreeSpace = 10<<40, 6<<40
	}
	for position, group := range all("DistributedVirtualPortgroup") {
		setting := &types.VMwareDVSPortSetting{Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: int32(300 + position)}}
		group.(*simulator.DistributedVirtualPortgroup).Config.DefaultPortConfig = setting
	}
	machines := all("VirtualMachine")
	for position, machine := range machines {
		describe(machine.(*simulator.VirtualMachine), position)
	}
	if len(machines) > 0 {
		makeTemplate(machines[len(machines)-1].(*simulator.VirtualMachine))
	}
}

func makeTemplate(machine *simulator.VirtualMachine) {
	name := "template-linux-9"
	machine.Name, machine.Config.Name, machine.Summary.Config.Name = name, name, name
	machine.Config.Template, machine.Summary.Config.Template = true, true
	machine.Runtime.PowerState = types.VirtualMachinePowerStatePoweredOff
	machine.Summary.Runtime.PowerState = types.VirtualMachinePowerStatePoweredOff
	machine.ResourcePool = nil
}

func describe(machine *simulator.VirtualMachine, position int) {
	name := fmt.Sprintf(names[position%len(names)], position)
	machine.Name, machine.Config.Name, machine.Summary.Config.Name = name, name, name
	cpus := sizes[position%len(sizes)]
	machine.Config.Hardware.NumCPU, machine.Config.Hardware.MemoryMB = cpus, cpus*4096
	machine.Summary.Config.NumCpu, machine.Summary.Config.MemorySizeMB = cpus, cpus*4096
	address := fmt.Sprintf("10.60.%d.%d", position/250, position%250+1)
	machine.Guest.IpAddress, machine.Guest.HostName = address, fmt.Sprintf("host-%d", position)
	for place, device := range machine.Config.Hardware.Device {
		switch own := device.(type) {
		case *types.VirtualDisk:
			own.CapacityInKB = int64(cpus) * 20 << 20
		case *types.VirtualE1000: // the simulator shares one among all machines
			nic := *own
			nic.MacAddress = fmt.Sprintf("00:50:56:%02x:%02x:%02x", position>>16, position>>8&255, position&255)
			machine.Config.Hardware.Device[place] = &nic
			machine.Guest.Net = []types.GuestNicInfo{{
				MacAddress: nic.MacAddress, DeviceConfigId: nic.Key, Connected: true, IpAddress: []string{address},
			}}
		}
	}
}

// all returns the objects of a kind in the order in which they were made.
func all(kind string) []mo.Entity {
	found := simulator.Map.All(kind)
	sort.Slice(found, func(one, other int) bool { return number(found[one]) < number(found[other]) })
	return found
}

func number(entity mo.Entity) int {
	value := entity.Reference().Value
	start := len(value)
	for start > 0 && value[start-1] >= '0' && value[start-1] <= '9' {
		start--
	}
	counted, _ := strconv.Atoi(value[start:])
	return counted
}
