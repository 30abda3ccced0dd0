using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Shaders;

/// <summary>
/// Compiles the kernels of src/Shaders to SPIR-V, which is kept in the repository so that a build needs no shader compiler, and writes them in OpenCL C.
/// </summary>
internal sealed class ShaderBuild(string repository)
{
    private readonly string folder = Path.Combine(repository, "src", "Shaders");

    /// <summary>Where the compiled forms are, with a list for each kernel.</summary>
    public string Output => Path.Combine(folder, "spirv");

    /// <summary>All kernels, by name.</summary>
    public IEnumerable<KernelSource> Kernels() => Directory.EnumerateFiles(folder, "*.kernel").Order(StringComparer.Ordinal).Select(KernelSource.Read);

    /// <summary>Where the kernels in OpenCL C are.</summary>
    public string OpenClOutput => Path.Combine(folder, "opencl");

    /// <summary>The files of <see cref="OpenClOutput"/>: all kernels in OpenCL C and what they need before them.</summary>
    public IEnumerable<(string Name, string Text)> OpenCl() => Kernels().Select(k => ($"{k.Name}.cl", k.ToOpenCl()))
        .Append(("prelude.cl", KernelSource.OpenClPrelude(File.ReadAllText(Path.Combine(folder, "prelude", "opencl.cl")))));

    /// <summary>
    /// The list of a kernel: its line in the manifest, and for each compiled form its name and the digests of its GLSL and SPIR-V.
    /// </summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="spirv">The SPIR-V of a name; null where there is none.</param>
    public string List(KernelSource kernel, Func<string, byte[]?> spirv)
    {
        var text = new StringBuilder(KernelManifest.Format(kernel.Info)).Append('\n');
        foreach ((string name, string glsl) in Glsl(kernel)) text.Append($"{name} {Digest(glsl)} {(spirv(name) is { } code ? Digest(code) : "missing")}\n");
        return text.ToString();
    }

    /// <summary>Compiles what has changed and returns the names; removes what is no longer needed.</summary>
    /// <exception cref="EdgeException">glslc is missing or refuses a kernel.</exception>
    public IReadOnlyList<string> Compile()
    {
        Directory.CreateDirectory(Output);
        var compiled = new List<string>();
        var needed = new HashSet<string>();
        foreach (KernelSource kernel in Kernels())
        {
            string list = Path.Combine(Output, kernel.Name + ".txt");
            string known = File.Exists(list) ? File.ReadAllText(list) : "";
            needed.Add(Path.GetFileName(list));
            foreach ((string name, string glsl) in Glsl(kernel))
            {
                string path = Path.Combine(Output, name + ".spv");
                needed.Add(name + ".spv");
                if (File.Exists(path) && known.Contains($"{name} {Digest(glsl)} {Digest(File.ReadAllBytes(path))}\n", StringComparison.Ordinal)) continue;
                Glslc(name, glsl, path);
                compiled.Add(name);
            }
            File.WriteAllText(list, List(kernel, name => File.ReadAllBytes(Path.Combine(Output, name + ".spv"))));
        }
        RemoveOthers(Output, needed);
        compiled.AddRange(WriteOpenCl());
        return compiled;
    }

    private IEnumerable<string> WriteOpenCl()
    {
        Directory.CreateDirectory(OpenClOutput);
        var needed = new HashSet<string>();
        var written = new List<string>();
        foreach ((string name, string text) in OpenCl())
        {
            string path = Path.Combine(OpenClOutput, name);
            needed.Add(name);
            if (File.Exists(path) && File.ReadAllText(path) == text) continue;
            File.WriteAllText(path, text);
            written.Add(name);
        }
        RemoveOthers(OpenClOutput, needed);
        return written;
    }

    private static void RemoveOthers(string folder, HashSet<string> needed)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
            if (!needed.Contains(Path.GetFileName(file))) File.Delete(file);
    }

    private IEnumerable<(string Name, string Glsl)> Glsl(KernelSource kernel)
    {
        string prelude = File.ReadAllText(Path.Combine(folder, "prelude", "vulkan.glsl"));
        foreach (KernelVariant variant in KernelVariant.Of(kernel.Info)) yield return ($"{kernel.Name}.{variant}", kernel.ToGlsl(prelude, variant));
    }

    private static void Glslc(string name, string glsl, string path)
    {
        string source = Path.Combine(Path.GetTempPath(), $"edgert-{Environment.ProcessId}-{name}.comp");
        File.WriteAllText(source, glsl);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("glslc", ["-O", "--target-env=vulkan1.1", "-fshader-stage=compute", source, "-o", path]) { RedirectStandardError = true })!;
            string problem = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new EdgeException(ErrorCode.CannotDecode, $"glslc refuses {name}:\n{problem}", $"The GLSL is in {source}.");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new EdgeException(ErrorCode.MissingTool, "glslc is not installed; it compiles the shaders.", "On Debian: apt-get install glslc.");
        }
        File.Delete(source);
    }

    private static string Digest(string text) => Digest(Encoding.UTF8.GetBytes(text));

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
