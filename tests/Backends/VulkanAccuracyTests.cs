using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Operators;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Every function of the shaders on Vulkan devices against double precision.</summary>
public class VulkanAccuracyTests
{
    public static TheoryData<string, string> Cases => [.. from driver in VulkanDrivers.Names from function in FunctionAccuracy.Names select (driver, function)];

    [Fact]
    public void Every_function_of_floats_has_a_bound() =>
        Assert.Equal(Enum.GetValues<UnaryFunction>().Where(f => f < UnaryFunction.IsNaN).Order(), FunctionAccuracy.Functions.Order());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Functions_are_near_the_definition_everywhere(string driver, string function)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver);
        FunctionAccuracy.Check(function, driver, backend.GpuTraits, program => backend.Compile(program));
    }
}
