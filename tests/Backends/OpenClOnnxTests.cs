using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tests.Conformance;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>ONNX's own test cases on OpenCL devices: what the CPU passes passes there, wherever its steps run.</summary>
public class OpenClOnnxTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(OpenClDrivers.Pocl), InlineData(OpenClDrivers.Hardware)]
    public void Cases_pass_as_on_the_cpu(string driver)
    {
        Assert.SkipUnless(Directory.Exists(OnnxConformanceTests.Root), "ONNX's test cases are not installed: apt-get install libonnx-testdata.");
        OpenClBackend backend = OpenClDrivers.Open(driver);
        var failed = new List<string>();
        int whole = 0;
        foreach (string folder in OnnxTestCase.Find(OnnxConformanceTests.Root))
        {
            string name = Path.GetRelativePath(OnnxConformanceTests.Root, folder);
            if (KnownGaps.All.ContainsKey(name)) continue;
            OnnxTestResult result = new OnnxTestCase(folder) { Options = new SessionOptions { Threads = 1, Accelerator = backend } }.Run();
            if (result.Status != OnnxTestStatus.Passed) failed.Add($"{name}: {result.Reason}");
            else if (result.Backends == "opencl") whole++;
        }
        output.WriteLine($"{whole} cases run wholly on the device.");
        Assert.Empty(failed);
        Assert.InRange(whole, 500, int.MaxValue);
    }
}
