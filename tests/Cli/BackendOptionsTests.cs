using EdgeRuntime.Tests.Backends;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>The options --backend and --device, from outside.</summary>
public class BackendOptionsTests
{
    private static readonly string Model = Repository.File("models", "blazeface-front.edge"), Picture = Repository.File("models", "astronaut.png");

    [Theory]
    [InlineData("run face-detect --source PICTURE")]
    [InlineData("demo --offline --output FOLDER")]
    [InlineData("bench MODEL")]
    [InlineData("inspect MODEL")]
    [InlineData("verify MODEL")]
    [InlineData("verify --onnx-tests FOLDER")]
    public void A_backend_that_is_not_to_be_had_says_why(string line)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "model.onnx"), "");
        string[] arguments = [.. line.Split(' ').Select(a => a.Replace("MODEL", Model).Replace("PICTURE", Picture).Replace("FOLDER", folder.Path))];
        Result opencl = Edgert.RunWith("OCL_ICD_VENDORS", "/nonexistent.icd", [.. arguments, "--backend", "opencl"]);
        Assert.Equal(ExitCode.DeviceTrouble, opencl.ExitCode);
        Assert.Contains("error EDGE4003", opencl.Errors);
        Assert.Contains("OpenCL", opencl.Errors);
        Result vulkan = Edgert.RunWith("VK_DRIVER_FILES", "/nonexistent.json", [.. arguments, "--backend", "vulkan"]);
        Assert.Equal(ExitCode.DeviceTrouble, vulkan.ExitCode);
        Assert.Contains("error EDGE4003", vulkan.Errors);
        Assert.Contains("Vulkan", vulkan.Errors);
    }

    [Theory]
    [InlineData("now"), InlineData("ready"), InlineData("auto")]
    public void The_first_frames_may_wait_for_a_device(string start)
    {
        Assert.SkipUnless(VulkanDrivers.IsHere(VulkanDrivers.Lavapipe), "There is no lavapipe here.");
        using var folder = new TemporaryFolder();
        Result run = Edgert.RunWith("EDGERUNTIME_CACHE", folder.Path, "run", "face-detect", "--source", Picture, "--model", Model, "--backend", "vulkan", "--device", "llvmpipe", "--tune", "none", "--start", start);
        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("found in 1 of 1 frame", run.Output);
        // A picture is no camera: it waits, unless that is said.
        if (start != "now") Assert.Contains("ran on   vulkan", run.Output);
    }

    [Fact]
    public void Other_ways_to_start_are_refused() =>
        Edgert.Run("run", "face-detect", "--source", Picture, "--start", "soon").AssertFailed(ExitCode.BadInput, "EDGE7001", "'soon' is not a value of --start");

    [Theory]
    [InlineData("--backend", "metal", "'metal' is not a value of --backend: it takes all or auto or cpu or opencl or vulkan.")]
    [InlineData("--precision", "int4", "'int4' is not a value of --precision")]
    [InlineData("--threads", "2000", "--threads 2000 is out of bounds")]
    [InlineData("--threads", "1,2000", "--threads 2000 is out of bounds")]
    public void Other_values_are_refused(string option, string value, string words) =>
        Edgert.Run("bench", Model, option, value).AssertFailed(ExitCode.BadInput, "EDGE7001", words);

    [Fact]
    public void The_cpu_has_no_devices_to_choose_from() =>
        Edgert.Run("bench", Model, "--backend", "cpu", "--device", "0").AssertFailed(ExitCode.BadInput, "EDGE7001", "'0'");

    [Fact]
    public void Without_drivers_auto_is_the_cpu_and_says_why()
    {
        Result result = Edgert.RunWith("EDGERUNTIME_BACKEND", "", "inspect", Model);
        Assert.Equal(ExitCode.Done, result.ExitCode);
        if (result.Output.Contains("on vulkan")) return;
        Assert.Contains("not used: vulkan: ", result.Output);
    }

    [Fact]
    public void A_variable_decides_what_auto_means()
    {
        Assert.Contains(": 100 % of the steps, 100 % of the operations", Edgert.RunWith("EDGERUNTIME_BACKEND", "cpu", "inspect", Model).Output);
        Result vulkan = Edgert.RunWith("EDGERUNTIME_BACKEND", "quantum", "inspect", Model);
        vulkan.AssertFailed(ExitCode.BadInput, "EDGE7001", "'quantum'", "EDGERUNTIME_BACKEND");
    }
}
