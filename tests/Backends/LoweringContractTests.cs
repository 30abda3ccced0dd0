using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Every case, lowered: what the dispatches bind, push and specialize is what their kernels declare.</summary>
public class LoweringContractTests
{
    private static readonly GpuTraits Least = new() { Api = "vulkan", Device = "the least that Vulkan promises" };

    public static TheoryData<string> Names => [.. OperatorCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Dispatches_fit_their_kernels(string name)
    {
        OperatorCase @case = OperatorCases.All[name];
        ExecutionPlan plan = Planner.Plan(@case.Graph());
        foreach (PlanStep step in plan.Steps)
        {
            GpuLowering lowering = GpuKernels.Lower(plan, step, Least, out GpuStep gpu);
            Assert.True(lowering.Rejection is { Length: > 0 } ^ lowering.Candidates.Count > 0);
            Assert.True(lowering.Rejection is null || VulkanGaps.Reason(@case) is not null, $"{lowering.Rejection}. Lower it, or list it in VulkanGaps.");
            Assert.Equal(lowering.Candidates.Count, lowering.Candidates.Select(c => c.Name).Distinct().Count());
            foreach (Dispatch dispatch in lowering.Candidates.SelectMany(c => c.Dispatches)) Check(plan, step, gpu, dispatch);
        }
    }

    private static void Check(ExecutionPlan plan, PlanStep step, GpuStep gpu, Dispatch dispatch)
    {
        KernelInfo kernel = KernelManifest.All[dispatch.Kernel];
        Assert.Equal(kernel.Buffers.Count, dispatch.Buffers.Length);
        Assert.Equal(kernel.Parameters.Count, dispatch.Parameters.Length);
        Assert.True(dispatch.Parameters.Length <= 32);
        Assert.All(dispatch.Constants, c => kernel.ConstantId(c.Name));
        Assert.Equal(dispatch.Constants.Length, dispatch.Constants.Select(c => c.Name).Distinct().Count());
        Assert.InRange(dispatch.GroupSize.Count, 1, Least.MaxGroupInvocations);
        Assert.All((int[])[dispatch.Groups.X, dispatch.Groups.Y, dispatch.Groups.Z], groups => Assert.InRange(groups, 1, Least.MaxGroups));
        (KernelBuffer Declared, BufferRef Bound)[] buffers = [.. kernel.Buffers.Zip(dispatch.Buffers)];
        HashSet<BufferRef> bothWays = [.. buffers.Where(b => IsFloat(b.Declared)).Select(b => b.Bound).Intersect(buffers.Where(b => !IsFloat(b.Declared)).Select(b => b.Bound))];
        foreach ((KernelBuffer declared, BufferRef bound) in buffers)
        {
            bool floats = IsFloat(declared);
            switch (bound.Kind)
            {
                case BufferKind.Slot:
                    Assert.Contains(bound.Index, declared.Written ? step.Outputs : [.. step.Inputs, .. step.Outputs]);
                    // Bound both ways, a constant of the kernel says which it uses.
                    if (!bothWays.Contains(bound)) Assert.Equal(plan.Slots[bound.Index].Type.DataType == DataType.F32, floats);
                    break;
                case BufferKind.Packed:
                    Assert.False(declared.Written);
                    Assert.Equal(gpu.Packed[bound.Index].Floats is not null, floats);
                    break;
                default:
                    Assert.InRange(bound.Index, 0, gpu.ScratchCounts.Count - 1);
                    Assert.True(floats);
                    break;
            }
        }
    }

    private static bool IsFloat(KernelBuffer declared) => declared.Element is KernelElement.Float or KernelElement.Float4 or KernelElement.Float32;
}
