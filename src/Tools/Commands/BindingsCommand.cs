using System.CommandLine;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Bindings;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The hidden verb <c>bindings</c>: generates the bindings to Vulkan and OpenCL again, for those who work on EdgeRuntime.</summary>
internal static class BindingsCommand
{
    public static Command Create()
    {
        var repository = new Argument<DirectoryInfo>("REPOSITORY") { Description = "The root of the repository." };
        var command = new Command("bindings", "Generates the bindings to Vulkan and OpenCL from the Khronos registry.") { repository };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            string root = parsed.GetRequiredValue(repository).FullName;
            foreach (string source in (string[])[BindingSources.VulkanRegistry, BindingSources.OpenClHeader])
                if (!File.Exists(source)) throw new EdgeException(ErrorCode.CannotRead, $"{source} is not on this machine.", "On Debian: apt-get install libvulkan-dev opencl-c-headers.");
            foreach ((string path, string text) in BindingSources.Vulkan(root).Concat(BindingSources.OpenCl(root)))
            {
                File.WriteAllText(Path.Combine(root, path), text);
                Terminal.Err.WriteLine(path);
            }
            return ExitCode.Done;
        });
        return command;
    }
}
