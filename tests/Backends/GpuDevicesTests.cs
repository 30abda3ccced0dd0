using System.Text.Json;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Tests.Cli;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Devices as two software drivers of Vulkan and one of OpenCL describe themselves, each in a process of its own.</summary>
public class GpuDevicesTests
{
    private const string Lavapipe = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";
    private const string SwiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";
    private const string Pocl = "/etc/OpenCL/vendors/pocl.icd";

    [Fact]
    public void Lavapipe_is_listed_with_what_it_can_do()
    {
        JsonElement device = Vulkan(Lavapipe, "mesa-vulkan-drivers");
        Assert.Equal("cpu", device.GetProperty("type").GetString());
        Assert.StartsWith("llvmpipe", device.GetProperty("name").GetString());
        Assert.True(device.GetProperty("subgroup_size").GetInt32() >= 4);
        foreach (string can in (string[])["int8_storage", "int8_arithmetic", "fp16_storage", "fp16_arithmetic", "timeline_semaphores"])
            Assert.True(device.GetProperty(can).GetBoolean(), can);
        Assert.True(device.GetProperty("memory_heaps")[0].GetProperty("bytes").GetInt64() > 0);
        Assert.True(device.GetProperty("timestamp_nanoseconds").GetSingle() > 0);
    }

    [Fact]
    public void SwiftShader_is_listed_without_what_it_lacks()
    {
        JsonElement device = Vulkan(SwiftShader, "chromium-common");
        Assert.StartsWith("SwiftShader", device.GetProperty("name").GetString());
        Assert.Equal(4, device.GetProperty("subgroup_size").GetInt32());
        foreach (string cannot in (string[])["int8_storage", "fp16_storage", "fp16_arithmetic", "cooperative_matrix"])
            Assert.False(device.GetProperty(cannot).GetBoolean(), cannot);
    }

    [Fact]
    public void Pocl_is_listed_with_what_it_can_do()
    {
        Assert.SkipUnless(File.Exists(Pocl) && OpenClLoader.Missing() is null, "PoCL is not installed: apt-get install pocl-opencl-icd ocl-icd-libopencl1.");
        JsonElement list = Listed("OCL_ICD_VENDORS", Pocl, "devices", "--json").GetProperty("opencl");
        JsonElement device = list.GetProperty("devices")[0];
        Assert.Equal("cpu", device.GetProperty("type").GetString());
        Assert.Equal("Portable Computing Language", device.GetProperty("platform").GetString());
        Assert.StartsWith("OpenCL ", device.GetProperty("api_version").GetString());
        Assert.True(device.GetProperty("compiler").GetBoolean());
        Assert.True(device.GetProperty("global_memory_bytes").GetInt64() > 0);
    }

    [Fact]
    public void A_driver_that_is_missing_is_a_reason()
    {
        Assert.SkipUnless(VulkanLoader.Missing() is null, "The Vulkan loader is not installed: apt-get install libvulkan1.");
        JsonElement list = Listed("VK_DRIVER_FILES", "/nonexistent/icd.json", "devices", "--json").GetProperty("vulkan");
        Assert.Equal(0, list.GetProperty("devices").GetArrayLength());
        Assert.NotEmpty(list.GetProperty("problem").GetString()!);
    }

    [Fact]
    public void A_list_without_devices_says_why()
    {
        DeviceList<VulkanDevice> vulkan = VulkanDevices.List();
        Assert.True(vulkan.Devices.Count > 0 || vulkan.Problem is { Length: > 0 });
    }

    private static JsonElement Vulkan(string driver, string package)
    {
        Assert.SkipUnless(File.Exists(driver) && VulkanLoader.Missing() is null, $"The driver is not installed: apt-get install {package} libvulkan1.");
        JsonElement list = Listed("VK_DRIVER_FILES", driver, "devices", "--json").GetProperty("vulkan");
        Assert.True(list.GetProperty("devices").GetArrayLength() == 1, list.ToString());
        return list.GetProperty("devices")[0];
    }

    private static JsonElement Listed(string variable, string value, params string[] arguments)
    {
        Result result = Edgert.RunWith(variable, value, arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
