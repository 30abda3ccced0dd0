using EdgeRuntime.Tools.Shaders;

namespace EdgeRuntime.Tests.Shaders;

/// <summary>A copy of the shaders in a folder of its own, to be changed.</summary>
internal sealed class ShaderFolder : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("edgert-shaders-").FullName;

    public ShaderFolder()
    {
        string from = Repository.File("src", "Shaders");
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(root, "src", "Shaders", Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            System.IO.File.Copy(file, to);
        }
        Build = new ShaderBuild(root);
    }

    public ShaderBuild Build { get; }

    public string File(string path) => Path.Combine(root, "src", "Shaders", path);

    public void Change(string path, Func<string, string> change) => System.IO.File.WriteAllText(File(path), change(System.IO.File.ReadAllText(File(path))));

    public void Remove(string folder) => Directory.Delete(File(folder), recursive: true);

    /// <summary>The list of conv_pointwise, as if its forms were all the same.</summary>
    public string List() => Build.List(KernelSource.Read(File("conv_pointwise.kernel")), _ => []);

    public void Dispose() => Directory.Delete(root, recursive: true);
}
