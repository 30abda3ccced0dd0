using System.Text.Json;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Tools.Commands;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>Machines whose loaders or drivers are missing, broken, or twice there: each tried for real, and each a clear line.</summary>
public sealed class DevicesTests : IDisposable
{
    private const string Lavapipe = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", Pocl = "/etc/OpenCL/vendors/pocl.icd";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_of_a_driver_that_is_missing_or_garbage_is_named()
    {
        NeedsVulkan();
        Vulkan(("VK_DRIVER_FILES", "/nonexistent/icd.json"), "/nonexistent/icd.json is not there", "unset VK_DRIVER_FILES");
        Vulkan(("VK_DRIVER_FILES", Write("bad.json", "{garbage")), "bad.json is no JSON", "unset VK_DRIVER_FILES");
        Vulkan(("VK_DRIVER_FILES", Write("empty.json", "{}")), "empty.json names no driver", "unset VK_DRIVER_FILES");
        Vulkan(("VK_DRIVER_FILES", Manifest("gone.json", "/nonexistent/driver.so")), "gone.json names /nonexistent/driver.so, which is not there", "unset VK_DRIVER_FILES");
        Vulkan(("VK_DRIVER_FILES", Manifest("junk.json", Write("junk.so", "no library"))), "junk.so, which is no library", "unset VK_DRIVER_FILES");
    }

    [Fact]
    public void The_same_of_OpenCL()
    {
        NeedsOpenCl();
        OpenCl(("OCL_ICD_VENDORS", "/nonexistent/"), "names no driver|is not there", "unset OCL_ICD_VENDORS");
        OpenCl(("OCL_ICD_VENDORS", folder.Path), "OCL_ICD_VENDORS", "names no driver", "unset it");
        Write("bad.icd", "/nonexistent/driver.so\n");
        OpenCl(("OCL_ICD_VENDORS", folder.Path), "bad.icd names /nonexistent/driver.so, which is not there", "unset OCL_ICD_VENDORS");
    }

    /// <summary>A loader that is no library is found before the system's.</summary>
    [Fact]
    public void A_machine_without_loaders_says_how_to_get_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Loaders are hidden by LD_LIBRARY_PATH here.");
        foreach (string name in (string[])["libvulkan.so.1", "libvulkan.so", "libOpenCL.so.1", "libOpenCL.so"]) Write(name, "");
        JsonElement report = Report(("LD_LIBRARY_PATH", folder.Path));
        Assert.Contains("no Vulkan loader (libvulkan.so.1); on Debian: apt-get install", report.GetProperty("vulkan").GetProperty("problem").GetString());
        Assert.Contains("no OpenCL loader (libOpenCL.so.1); on Debian: apt-get install", report.GetProperty("opencl").GetProperty("problem").GetString());
        Assert.Equal(["cpu"], report.GetProperty("backends").EnumerateArray().Where(b => b.GetProperty("available").GetBoolean()).Select(b => b.GetProperty("name").GetString()));
        foreach (string backend in (string[])["vulkan", "opencl"])
        {
            Result run = Edgert.RunWith("LD_LIBRARY_PATH", folder.Path, "run", "face-detect", "--source", Repository.File("models", "astronaut.png"), "--backend", backend);
            run.AssertFailed(ExitCode.DeviceTrouble, "EDGE4003", "loader", "apt-get install");
        }
    }

    [Theory]
    [InlineData("SIGSEGV", "*(volatile int*)0 = 1;"), InlineData("SIGABRT", "abort();"), InlineData("does not answer", "for (;;) sleep(1);")]
    public void A_driver_that_crashes_or_hangs_is_found_and_the_others_are_listed(string end, string code)
    {
        NeedsVulkan();
        string source = Write("driver.c", $"#include <stdlib.h>\n#include <unistd.h>\n__attribute__((constructor)) static void begin(void) {{ {code} }}\n"), library = Path.Combine(folder.Path, "driver.so");
        Assert.SkipUnless(Compile(source, library), "There is no C compiler here to make a driver that fails: apt-get install gcc.");
        string bad = Manifest("crash.json", library);
        JsonElement report = Report(("VK_DRIVER_FILES", $"{bad}:{Lavapipe}"));
        string problem = report.GetProperty("vulkan").GetProperty("problem").GetString()!;
        Assert.Contains($"{bad} ", problem);
        Assert.Contains(end, problem);
        Assert.Contains($"VK_DRIVER_FILES={Lavapipe}", problem);
        Assert.StartsWith("llvmpipe", Assert.Single(report.GetProperty("vulkan").GetProperty("devices").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public void Of_two_devices_of_the_same_name_the_number_tells()
    {
        NeedsOpenCl();
        JsonElement report = Report(("POCL_DEVICES", "pthread pthread"));
        string[] names = [.. report.GetProperty("opencl").GetProperty("devices").EnumerateArray().Select(d => d.GetProperty("name").GetString()!)];
        Assert.SkipUnless(names.Length == 2, "PoCL gave one device.");
        Assert.Equal(names[0], names[1]);
        Result text = Edgert.RunWith("POCL_DEVICES", "pthread pthread", "devices");
        Assert.Contains("opencl device 0", text.Output);
        Assert.Contains("opencl device 1", text.Output);
        Result none = Edgert.RunWith("POCL_DEVICES", "pthread pthread", "run", "face-detect", "--source", Repository.File("models", "astronaut.png"), "--backend", "opencl", "--device", "nothing of that name");
        none.AssertFailed(ExitCode.DeviceTrouble, "EDGE4003", $"0 ({names[0]})", $"1 ({names[1]})");
        Result second = Edgert.RunWith("POCL_DEVICES", "pthread pthread", "run", "face-detect", "--source", Repository.File("models", "astronaut.png"), "--backend", "opencl", "--device", "1", "--tune", "none");
        Assert.True(second.ExitCode == 0, second.Errors);
    }

    [Fact]
    public void A_backend_without_a_driver_ends_a_run_with_a_reason_and_the_exit_code_of_devices()
    {
        NeedsVulkan();
        Edgert.RunWith("VK_DRIVER_FILES", "/nonexistent/icd.json", "run", "face-detect", "--source", Repository.File("models", "astronaut.png"), "--backend", "vulkan")
            .AssertFailed(ExitCode.DeviceTrouble, "EDGE4003", "/nonexistent/icd.json is not there", "unset VK_DRIVER_FILES");
    }

    [Fact]
    public void A_rehearsed_fault_is_in_the_frame_s_line_and_in_the_summary()
    {
        NeedsVulkan();
        Result result = Edgert.RunWith("EDGERUNTIME_FAULTS", "lost@run:1", "run", "face-detect", "--source", Repository.File("models", "astronaut.png"), "--backend", "vulkan", "--device", "llvmpipe", "--tune", "none", "--json");
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Contains("EDGE6002 vulkan (llvmpipe", result.Errors);
        Assert.Contains("1 fault of devices, 0 back; they cost ", result.Errors);
        // Twenty runs at most are before the first frame, to warm up.
        for (int i = 0; i < 30; i++) File.Copy(Repository.File("models", "astronaut.png"), Path.Combine(folder.Path, $"{i}.png"));
        Result frames = Edgert.RunWith("EDGERUNTIME_FAULTS", "lost@run:25", "run", "face-detect", "--source", folder.Path, "--backend", "vulkan", "--device", "llvmpipe", "--tune", "none", "--json");
        JsonElement[] lines = [.. frames.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(30, lines.Length);
        JsonElement struck = Assert.Single(lines, line => line.GetProperty("status").GetString() == "failed_over");
        JsonElement happened = Assert.Single(struck.GetProperty("events").EnumerateArray());
        Assert.Equal(("fault", "vulkan", "EDGE6002"), (happened.GetProperty("kind").GetString(), happened.GetProperty("backend").GetString(), happened.GetProperty("code").GetString()));
        Assert.True(happened.GetProperty("cost_ms").GetDouble() > 0);
        Edgert.RunWith("EDGERUNTIME_FAULTS", "nonsense", "run", "face-detect", "--source", Repository.File("models", "astronaut.png")).AssertFailed(ExitCode.BadInput, "EDGE7001", "kind@point:time");
    }

    private static void NeedsVulkan() => Assert.SkipUnless(File.Exists(Lavapipe) && VulkanLoader.Missing() is null, "Lavapipe is not installed: apt-get install libvulkan1 mesa-vulkan-drivers.");

    private static void NeedsOpenCl() => Assert.SkipUnless(File.Exists(Pocl) && OpenClLoader.Missing() is null, "PoCL is not installed: apt-get install pocl-opencl-icd ocl-icd-libopencl1.");

    private static void Vulkan((string Name, string Value) variable, params string[] words) => AssertProblem(Report(variable).GetProperty("vulkan"), words);

    private static void OpenCl((string Name, string Value) variable, params string[] words) => AssertProblem(Report(variable).GetProperty("opencl"), words);

    private static void AssertProblem(JsonElement list, string[] words)
    {
        Assert.Equal(0, list.GetProperty("devices").GetArrayLength());
        string problem = list.GetProperty("problem").GetString()!;
        Assert.All(words, any => Assert.True(any.Split('|').Any(problem.Contains), problem));
    }

    private static JsonElement Report((string Name, string Value) variable)
    {
        Result result = Edgert.RunWith(variable.Name, variable.Value, "devices", "--json");
        Assert.True(result.ExitCode == ExitCode.Done, result.Errors);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private string Manifest(string name, string library) => Write(name, "{\"file_format_version\":\"1.0.0\",\"ICD\":{\"library_path\":\"" + library + "\",\"api_version\":\"1.1.0\"}}");

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static bool Compile(string source, string library)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("gcc", ["-shared", "-fPIC", "-o", library, source]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
