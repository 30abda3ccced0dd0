using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Planning;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Every case of an operator on Vulkan devices, against the operator's definition; what the device rejects is in <see cref="VulkanGaps"/>.</summary>
public class VulkanOperatorTests
{
    public static TheoryData<string, string> Cases => [.. from driver in VulkanDrivers.Names from name in OperatorCases.Names select (driver, name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_definition(string driver, string name)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver);
        DeviceOperator.Check(name, driver, backend, VulkanGaps.Reason(OperatorCases.All[name]), backend.GpuTraits, program => backend.Compile(program));
        Assert.Empty(backend.Messages);
    }

    [Fact]
    public void Gaps_are_rejected()
    {
        GpuTraits traits = VulkanDrivers.Open(VulkanDrivers.Lavapipe).GpuTraits;
        var needed = new HashSet<string>();
        foreach (OperatorCase @case in OperatorCases.All.Values)
        {
            ExecutionPlan plan = Planner.Plan(@case.Graph());
            if (VulkanGaps.Key(@case) is { } key && GpuProgram.Lower(plan, plan.Steps[0], traits, out _).Rejection is not null) needed.Add(key);
        }
        string[] unneeded = [.. VulkanGaps.All.Keys.Except(needed)];
        Assert.True(unneeded.Length == 0, $"Nothing of these is rejected any more, so they must leave VulkanGaps: {string.Join(", ", unneeded)}");
    }
}
