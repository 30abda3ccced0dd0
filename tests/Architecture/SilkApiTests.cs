using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Tools.Bindings;
using Xunit;

namespace EdgeRuntime.Tests.Architecture;

/// <summary>The bindings are what Silk.NET's packages have, and what the generator writes.</summary>
public class SilkApiTests
{
    [Fact]
    public void Names_and_signatures_are_those_of_the_list()
    {
        string[] listed = [.. File.ReadLines(Repository.File("tests", "Architecture", "SilkApi.txt")).Where(line => line.Length > 0 && line[0] != '#')];
        string[] ours = [.. SilkApi.Describe(typeof(VulkanDevices).Assembly).Order(StringComparer.Ordinal)];
        Assert.Equal(listed, ours);
    }

    [Fact]
    public void The_vulkan_bindings_are_what_the_generator_writes()
    {
        Assert.SkipUnless(File.Exists(BindingSources.VulkanRegistry), "Vulkan's registry is not installed: apt-get install libvulkan-dev.");
        // Other versions of the registry have other members; what is checked in says from which it is.
        string version = new VulkanRegistry(BindingSources.VulkanRegistry, []).Version;
        string from = File.ReadLines(Repository.File("src", "Runtime", "Backends", "Vulkan", "Bindings", "Vk.gen.cs")).ElementAt(1);
        Assert.SkipUnless(from.Contains($"vk.xml {version} "), $"Vulkan's registry here is version {version}, another than the bindings are from.");
        Same(BindingSources.Vulkan(Repository.Root));
    }

    [Fact]
    public void The_opencl_bindings_are_what_the_generator_writes()
    {
        Assert.SkipUnless(File.Exists(BindingSources.OpenClHeader), "OpenCL's headers are not installed: apt-get install opencl-c-headers.");
        Same(BindingSources.OpenCl(Repository.Root));
    }

    [Theory]
    [InlineData("VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES", "VkStructureType", "PhysicalDeviceVulkan12Features")]
    [InlineData("VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES", "VkStructureType", "PhysicalDevice8BitStorageFeatures")]
    [InlineData("VK_BUFFER_USAGE_STORAGE_BUFFER_BIT", "VkBufferUsageFlagBits", "StorageBufferBit")]
    [InlineData("VK_FORMAT_R32G32B32A32_SFLOAT", "VkFormat", "R32G32B32A32Sfloat")]
    [InlineData("VK_FORMAT_BC1_RGB_UNORM_BLOCK", "VkFormat", "Bc1RgbUnormBlock")]
    [InlineData("VK_QUERY_RESULT_64_BIT", "VkQueryResultFlagBits", "Result64Bit")]
    [InlineData("VK_ERROR_OUT_OF_HOST_MEMORY", "VkResult", "ErrorOutOfHostMemory")]
    [InlineData("VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT", "VkDebugUtilsMessageSeverityFlagBitsEXT", "ErrorBitExt")]
    public void Members_of_enums_have_the_names_of_Silk(string name, string type, string expected) => Assert.Equal(expected, SilkNames.Member(name, type));

    [Theory]
    [InlineData("pipelineCacheUUID", "PipelineCacheUuid")]
    [InlineData("vendorID", "VendorID")]
    [InlineData("ppEnabledLayerNames", "PpEnabledLayerNames")]
    [InlineData("storageBuffer8BitAccess", "StorageBuffer8BitAccess")]
    public void Fields_have_the_names_of_Silk(string name, string expected) => Assert.Equal(expected, SilkNames.Field(name));

    private static void Same(IEnumerable<(string Path, string Text)> generated) =>
        Assert.All(generated, file => Assert.Equal(File.ReadAllText(Repository.File(file.Path.Split('/'))), file.Text));
}
