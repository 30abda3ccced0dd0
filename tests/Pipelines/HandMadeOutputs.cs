using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>Outputs of a model that a test writes itself, for decoders.</summary>
internal sealed class HandMadeOutputs(params (string Name, int[] Shape)[] outputs) : IModelOutputs
{
    private readonly Tensor[] tensors = [.. outputs.Select(o => new Tensor(new TensorType(DataType.F32, new Shape(o.Shape))))];

    /// <summary>The elements of an output; zeros at first.</summary>
    public Span<float> this[string name] => tensors[OutputIndex(name)].Span<float>();

    public int OutputIndex(string name) => Array.FindIndex(outputs, o => o.Name == name) is var index and >= 0 ? index
        : throw new EdgeException(ErrorCode.InputMismatch, $"no output '{name}'");

    public TensorView Output(int index) => tensors[index].View;

    /// <summary>Fills all outputs.</summary>
    public void Fill(float value)
    {
        foreach (Tensor tensor in tensors) tensor.Span<float>().Fill(value);
    }

    /// <summary>A decoder that reads them, with each output in the role of its name.</summary>
    public IDetectionDecoder Decoder(string kind, int width, int height, IReadOnlyList<string> labels, Dictionary<string, double[]> parameters, float? threshold = null)
    {
        var info = new DecoderInfo { Kind = kind, Parameters = parameters, Outputs = outputs.ToDictionary(o => o.Name, o => o.Name) };
        return Decoders.Create(new DecoderRequest("by hand", info, this, width, height, threshold) { Labels = labels });
    }
}
