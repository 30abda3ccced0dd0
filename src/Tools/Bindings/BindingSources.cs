namespace EdgeRuntime.Tools.Bindings;

/// <summary>Where the Khronos registry is, and what is generated from it.</summary>
internal static class BindingSources
{
    /// <summary>In Debian's package libvulkan-dev.</summary>
    public const string VulkanRegistry = "/usr/share/vulkan/registry/vk.xml";

    /// <summary>In Debian's package opencl-c-headers.</summary>
    public const string OpenClHeader = "/usr/include/CL/cl.h";

    private const string Backends = "src/Runtime/Backends";

    /// <summary>The files of Vulkan, by path in the repository.</summary>
    public static IEnumerable<(string Path, string Text)> Vulkan(string repository) =>
        Below($"{Backends}/Vulkan/Bindings", VulkanBindings.Generate(VulkanRegistry, List(repository, "vulkan.txt")));

    /// <summary>The files of OpenCL, by path in the repository.</summary>
    public static IEnumerable<(string Path, string Text)> OpenCl(string repository) =>
        Below($"{Backends}/OpenCl/Bindings", OpenClBindings.Generate(OpenClHeader, List(repository, "opencl.txt")));

    private static IEnumerable<(string Path, string Text)> Below(string folder, IReadOnlyDictionary<string, string> files) =>
        from file in files select ($"{folder}/{file.Key}", file.Value);

    private static string[] List(string repository, string name) =>
        [.. from line in File.ReadLines(Path.Combine(repository, "src/Tools/Bindings", name)) where line.Trim().Length > 0 && !line.StartsWith('#') select line.Trim()];
}
