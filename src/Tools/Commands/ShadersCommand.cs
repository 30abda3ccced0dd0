using System.CommandLine;
using EdgeRuntime.Tools.Shaders;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The hidden verb <c>shaders</c>: compiles the kernels again, for those who work on EdgeRuntime.</summary>
internal static class ShadersCommand
{
    public static Command Create()
    {
        var repository = new Argument<DirectoryInfo>("REPOSITORY") { Description = "The root of the repository." };
        var command = new Command("shaders", "Compiles the kernels of src/Shaders to SPIR-V.") { repository };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            foreach (string name in new ShaderBuild(parsed.GetRequiredValue(repository).FullName).Compile()) Terminal.Err.WriteLine(name);
            return ExitCode.Done;
        });
        return command;
    }
}
