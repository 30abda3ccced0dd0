using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Reference;

namespace EdgeRuntime.Tests.Verification;

/// <summary>A reference that every machine has: the operators' definitions on the graph as it was imported. What it returns may be changed, to stand for one that disagrees.</summary>
internal sealed class InterpretedReference(Func<string, Tensor, Tensor>? change = null) : IReferenceRuntime
{
    public string Name => "definitions";

    public string Version => "1";

    public IReferenceModel Load(byte[] model, string? folder, int threads, bool optimize) => new Model(OnnxImporter.Import(OnnxReader.Read(model, "reference")), change);

    public IReferenceModel LoadFile(string path, int threads) => Load(File.ReadAllBytes(path), Path.GetDirectoryName(path), threads, optimize: true);

    private sealed class Model(EdgeModel model, Func<string, Tensor, Tensor>? change) : IReferenceModel
    {
        private TensorView[] inputs = [];

        public void SetInputs(IReadOnlyList<(string Name, TensorView Value)> values) =>
            inputs = [.. model.Graph.Inputs.Select(i => values.First(v => v.Name == i.Name).Value)];

        public void Run() => RunAndRead();

        public IReadOnlyDictionary<string, Tensor> RunAndRead()
        {
            Tensor[] outputs = GraphInterpreter.Run(GraphBinding.Bind(model.Graph, Array.ConvertAll(inputs, i => i.Shape)), inputs);
            return model.Graph.Outputs.Select((o, i) => (o.Name, Value: change?.Invoke(o.Name, outputs[i]) ?? outputs[i])).ToDictionary(o => o.Name, o => o.Value);
        }

        public void Dispose() => model.Dispose();
    }
}
