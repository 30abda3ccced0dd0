using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Samples of any source as inputs of one model. Of a sound that a model sees window by window it is the first.</summary>
internal sealed class DataSampleSet(EdgeModel model, DataSource source) : SampleSet
{
    private readonly ModelInputs inputs = new(model);

    public override void Dispose() => inputs.Dispose();

    public override int Count => source.Samples.Count;

    public override string Description => source.Description;

    public override string NameOf(int index) => source.Samples[index].Name;

    public override Tensor[] Inputs(int index)
    {
        Sample sample = source.Samples[index];
        try
        {
            return inputs.First(sample.Content);
        }
        catch (EdgeException e) when (!e.Problem.Contains(sample.Name, StringComparison.Ordinal))
        {
            throw new EdgeException(e.Code, $"{sample.Name}: {e.Problem}", e.Remedy, e);
        }
    }
}
