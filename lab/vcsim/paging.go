package main

import (
	"strconv"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// collector gives what was asked for in pages, as a real vCenter does; the simulator's own gives everything at once.
type collector struct {
	simulator.PropertyCollector
	tokens  int
	left    map[string]rest
	updates []types.PropertyFilterUpdate
}

// rest is what of an answer was not given yet.
type rest struct {
	objects []types.ObjectContent
	size    int
}

// installPaging makes every session's property collector one that gives pages: sessions copy this one's type.
func installPaging(content types.ServiceContent) {
	own := &collector{}
	own.Self = content.PropertyCollector
	simulator.Map.Put(own)
}

func (c *collector) CreatePropertyCollector(ctx *simulator.Context, _ *types.CreatePropertyCollector) soap.HasFault {
	made := &collector{}
	made.Self.Type = "PropertyCollector"
	return &methods.CreatePropertyCollectorBody{
		Res: &types.CreatePropertyCollectorResponse{Returnval: ctx.Session.Put(made).Reference()},
	}
}

func (c *collector) RetrievePropertiesEx(ctx *simulator.Context, r *types.RetrievePropertiesEx) soap.HasFault {
	body := c.PropertyCollector.RetrievePropertiesEx(ctx, r).(*methods.RetrievePropertiesExBody)
	if body.Res != nil && r.Options.MaxObjects > 0 {
		body.Res.Returnval = c.page(rest{body.Res.Returnval.Objects, int(r.Options.MaxObjects)})
	}
	return body
}

func (c *collector) ContinueRetrievePropertiesEx(_ *simulator.Context, r *types.ContinueRetrievePropertiesEx) soap.HasFault {
	left, known := c.left[r.Token]
	if !known {
		return &methods.ContinueRetrievePropertiesExBody{Fault_: simulator.Fault("", &types.InvalidArgument{InvalidProperty: "token"})}
	}
	delete(c.left, r.Token)
	return &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: *c.page(left)},
	}
}

func (c *collector) page(all rest) *types.RetrieveResult {
	if len(all.objects) <= all.size {
		return &types.RetrieveResult{Objects: all.objects}
	}
	if c.left == nil {
		c.left = map[string]rest{}
	}
	c.tokens++
	token := strconv.Itoa(c.tokens)
	c.left[token] = rest{all.objects[all.size:], all.size}
	return &types.RetrieveResult{Objects: all.objects[:all.size], Token: token}
}

func (c *collector) WaitForUpdatesEx(ctx *simulator.Context, r *types.WaitForUpdatesEx) soap.HasFault {
	if len(c.updates) == 0 {
		body := c.PropertyCollector.WaitForUpdatesEx(ctx, r).(*methods.WaitForUpdatesExBody)
		if body.Res == nil || body.Res.Returnval == nil || r.Options == nil || r.Options.MaxObjectUpdates == 0 {
			return body
		}
		c.updates = inParts(body.Res.Returnval.FilterSet, int(r.Options.MaxObjectUpdates))
	}
	set := &types.UpdateSet{Version: "-"}
	if len(c.updates) > 0 {
		set.FilterSet, c.updates = c.updates[:1], c.updates[1:]
	}
	set.Truncated = types.NewBool(len(c.updates) > 0)
	return &methods.WaitForUpdatesExBody{Res: &types.WaitForUpdatesExResponse{Returnval: set}}
}

// inParts splits updates so that none of them has more objects than a page.
func inParts(updates []types.PropertyFilterUpdate, size int) []types.PropertyFilterUpdate {
	var parts []types.PropertyFilterUpdate
	for _, update := range updates {
		for len(update.ObjectSet) > size {
			parts = append(parts, types.PropertyFilterUpdate{Filter: update.Filter, ObjectSet: update.ObjectSet[:size]})
			update.ObjectSet = update.ObjectSet[size:]
		}
		parts = append(parts, update)
	}
	return parts
}
