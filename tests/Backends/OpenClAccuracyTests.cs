using EdgeRuntime.Backends.OpenCl;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Every function of the shaders on OpenCL devices against double precision.</summary>
public class OpenClAccuracyTests
{
    public static TheoryData<string, string> Cases => [.. from driver in OpenClDrivers.Names from function in FunctionAccuracy.Names select (driver, function)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Functions_are_near_the_definition_everywhere(string driver, string function)
    {
        OpenClBackend backend = OpenClDrivers.Open(driver);
        FunctionAccuracy.Check(function, driver, backend.GpuTraits, program => backend.Compile(program));
    }
}
