using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Verification;

/// <summary>
/// One layer with its inputs and outputs, in a folder: model.onnx with test_data_set_0/input_0.pb and output_0.pb, as ONNX's backend tests are, where ONNX has the operator; else model.edge of one node with
/// input_0.npy, output_0.npy and so on.
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Outputs">What they must give.</param>
internal sealed record BackendCase(EdgeModel Model, Tensor[] Inputs, Tensor[] Outputs) : IDisposable
{
    private const string EdgeFile = "model.edge", OnnxFile = "model.onnx", OnnxSet = "test_data_set_0";

    /// <summary>True for a folder that holds a case.</summary>
    public static bool IsCase(string path) => File.Exists(Path.Combine(path, EdgeFile)) || (File.Exists(Path.Combine(path, OnnxFile)) && Directory.Exists(Path.Combine(path, OnnxSet)));

    /// <summary>Reads a case.</summary>
    /// <exception cref="EdgeException">A file is missing or damaged, or does not fit the model.</exception>
    public static BackendCase Open(string folder)
    {
        string edge = Path.Combine(folder, EdgeFile);
        EdgeModel model = File.Exists(edge) ? EdgeReader.Read(edge) : Converter.Convert(OnnxReader.Read(Path.Combine(folder, OnnxFile))).Model;
        try
        {
            return new BackendCase(model, [.. model.Graph.Inputs.Select((v, i) => Read(folder, $"input_{i}", v.Type))], [.. model.Graph.Outputs.Select((o, i) => Read(folder, $"output_{i}", o.Value.Type))]);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes the layer of a culprit, with its outputs by definition, into a folder of its own below the given one; returns its path.</summary>
    /// <exception cref="EdgeException">It cannot be written.</exception>
    public static string Save(string folder, Culprit culprit)
    {
        Node node = culprit.Layer;
        if (OnnxForm.Of(culprit) is { } form) return LayerCase.Write(folder, FileName($"{node.Operator.Name}_{node.Name}"), form.Model, form.Inputs, form.Outputs);
        Value[] read = [.. node.Inputs.OfType<Value>().Where(v => v.Constant is null).Distinct()];
        Graph graph = GraphCutter.Cut(node);
        string target = Path.Combine(folder, FileName($"{node.Operator.Name}_{node.Name}")), scratch = $"{target}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(scratch);
            using (var model = new EdgeModel(graph, new ModelMetadata { Name = node.Name })) EdgeWriter.Write(Path.Combine(scratch, EdgeFile), model);
            for (int i = 0; i < read.Length; i++) NumpyFile.Write(Path.Combine(scratch, $"input_{i}.npy"), culprit.Inputs[i].Value.View);
            for (int i = 0; i < culprit.Outputs.Length; i++) NumpyFile.Write(Path.Combine(scratch, $"output_{i}.npy"), culprit.Outputs[i].View);
            if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
            Directory.Move(scratch, target);
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"The case '{target}' cannot be written: {e.Message}", "Give a folder that can be written with --save-case.", e);
        }
        finally
        {
            if (Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Inputs.Concat(Outputs)) tensor.Dispose();
        Model.Dispose();
    }

    private static Tensor Read(string folder, string name, TensorType type)
    {
        string numpy = Path.Combine(folder, $"{name}.npy"), proto = Path.Combine(folder, OnnxSet, $"{name}.pb");
        Tensor tensor;
        if (File.Exists(numpy)) tensor = NumpyFile.Read(numpy)[name];
        else
        {
            try
            {
                tensor = OnnxTensors.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(proto)), folder);
            }
            catch (InvalidProtocolBufferException e)
            {
                throw new EdgeException(ErrorCode.MalformedOnnx, $"'{proto}' holds no tensor: {e.Message}", null, e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new EdgeException(ErrorCode.CannotRead, $"'{proto}' cannot be read: {e.Message}", "A case has a file for each input and output.", e);
            }
        }
        if (tensor.Type.DataType != type.DataType || !type.Shape.Accepts(tensor.Shape))
            throw new EdgeException(ErrorCode.InputMismatch, $"{name} of '{folder}' is {tensor.Type}; the case's model has {type}.");
        return tensor.WithQuantization(type.Quantization);
    }

    /// <summary>Characters that file systems take everywhere.</summary>
    private static string FileName(string name)
    {
        string text = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')).ToLowerInvariant();
        return text.Length <= 80 ? text : text[..80];
    }
}
